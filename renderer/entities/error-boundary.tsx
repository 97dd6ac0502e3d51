import { Component, type ReactNode } from 'react';
import { PartProblem } from './part-problem.tsx';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** Tries again when it changes, e.g. another tab is shown. */
  readonly resetKey?: string;
  /** Puts what is told of the failure where it belongs, e.g. into a dialog. */
  readonly around?: (problem: ReactNode) => ReactNode;
}

/** Keeps a part that fails from taking the page with it. React offers this to classes only. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate(before: ErrorBoundaryProps): void {
    if (before.resetKey !== this.props.resetKey && this.state.error !== null) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const problem = <PartProblem error={error} onRetry={() => this.setState({ error: null })} />;
    return this.props.around ? this.props.around(problem) : problem;
  }
}
