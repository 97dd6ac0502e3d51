/**
 * A script for a shell inside of a sandbox, to reach a command there whose process this machine does not see: `$1` is the
 * variable that the command was started with (`NAME=value`), `$2` the signal's name without SIG. It goes to the process group.
 * Ends with 3 when there is no such command. What was started from outside has no parent inside, which tells the command
 * from what it started itself. Needs sh, cat, tr and grep.
 */
export const SIGNAL_INSIDE = `
for d in /proc/[0-9]*; do
  stat=$(cat "$d/stat" 2>/dev/null) || continue
  set -- "$1" "$2" \${stat##*) }
  [ "$4" = 0 ] || continue
  tr '\\0' '\\n' < "$d/environ" 2>/dev/null | grep -qxF "$1" || continue
  kill "-$2" "-$5"
  exit
done
exit 3`;

/** What the script ends with when there is no such command. */
export const NOT_INSIDE = 3;
