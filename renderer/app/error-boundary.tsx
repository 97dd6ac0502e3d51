import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { PageContext } from '../stores/page.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** Tries again when it changes, e.g. another tab is shown. */
  readonly resetKey?: string;
}

/** Keeps a part that fails from taking the page with it. React offers this to classes only. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly error: Error | null }> {
  static override contextType = PageContext;
  declare context: React.ContextType<typeof PageContext>;
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidUpdate(before: ErrorBoundaryProps): void {
    if (before.resetKey !== this.props.resetKey && this.state.error !== null) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    const text = this.context?.strings.getState().current.app;
    if (error === null || !text) return this.props.children;
    return (
      <EmptyState icon={<TriangleAlert size={32} />} title={text.failedToLoad} hint={error.message} tone="problem">
        <Button onClick={() => this.setState({ error: null })}>{text.retry}</Button>
        <Button onClick={() => location.reload()}>{text.reload}</Button>
      </EmptyState>
    );
  }
}
