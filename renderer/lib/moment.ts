/** A day and a time as the page writes them everywhere: `Nov 22, 2026, 2:25:35 PM`. */
export function formatMoment(at: number, language: string): string {
  return new Date(at).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' });
}
