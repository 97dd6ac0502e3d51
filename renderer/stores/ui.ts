import { createStore, type StoreApi } from 'zustand/vanilla';
import type { SandboxAction } from '../../shared/model/sandbox.ts';
import type { DetailTab } from './detail-tabs.ts';
import type { FunctionTab } from './function-tabs.ts';

export const places = ['sandboxes', 'functions'] as const;
export type Place = (typeof places)[number];

export type Overlay = 'create' | 'createFunction' | 'palette' | 'help' | 'events' | 'settings' | null;

export interface Answer {
  readonly yes: boolean;
  /** Whether the question's option was chosen. */
  readonly option: boolean;
}

/** A question that must be answered before something is done. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** Something that may be chosen along with yes, and the text that is true then. */
  readonly option?: { readonly label: string; readonly text: string };
  readonly confirm: string;
  readonly danger: boolean;
  readonly answer: (answer: Answer) => void;
}

export const NO: Answer = { yes: false, option: false };

export interface UiState {
  /** What the page is about now. */
  readonly place: Place;
  /** The sandbox on the right. */
  readonly active: string | null;
  readonly selected: ReadonlySet<string>;
  /** Where a range that is selected with Shift begins. */
  readonly anchor: string | null;
  readonly tab: DetailTab;
  /** The function on the right. */
  readonly activeFunction: string | null;
  readonly functionTab: FunctionTab;
  readonly overlay: Overlay;
  readonly question: Question | null;
  /** What is known of changes that were not applied: of the sandbox whose list of them is in sight. `more`: at least so many. */
  readonly unapplied: { readonly id: string; readonly count: number; readonly more: boolean } | null;
  /** Actions that were sent and not answered yet, `<action> <id>`. */
  readonly busy: ReadonlySet<string>;
}

export type UiStore = StoreApi<UiState>;

export function createUiStore(): UiStore {
  return createStore<UiState>(() => ({
    place: 'sandboxes',
    active: null,
    selected: new Set(),
    anchor: null,
    tab: 'overview',
    activeFunction: null,
    functionTab: 'code',
    overlay: null,
    question: null,
    unapplied: null,
    busy: new Set(),
  }));
}

/** What shows a sandbox, wherever the page is. */
export function sandboxShown(id: string): Partial<UiState> {
  return { place: 'sandboxes', active: id, selected: new Set([id]), anchor: id };
}

export function busyKey(action: SandboxAction, id: string): string {
  return `${action} ${id}`;
}
