export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The hidden command that the scripts ask: a line for each candidate, a tab before what it is, and 0; or 1 when a file fits as well. */
export const COMPLETE = '__complete';

// A name may hold anything that a shell would read: each quotes what it puts into the line.

const bash = `# bash completion of terrarium: source <(terrarium completion bash)
_terrarium() {
  local -a words=()
  local word line out current last=-1
  # bash cuts words at =.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $last -ge 0 && ( $word == = || \${words[last]} == *= ) ]]; then words[last]+=$word; else words[++last]=$word; fi
  done
  current=\${words[last]}
  COMPREPLY=()
  out=$("\${COMP_WORDS[0]}" ${COMPLETE} -- "\${words[@]}" 2>/dev/null) || compopt -o default 2>/dev/null
  while IFS= read -r line; do
    line=\${line%%$'\\t'*}
    [[ -n $line ]] || continue
    [[ $current == *=* ]] && line=\${line#"\${current%=*}="}
    [[ $line == *[=:] ]] && compopt -o nospace 2>/dev/null
    [[ $line == *[=:] && $line != *[^a-zA-Z0-9_.=:-]* ]] || printf -v line %q "$line"
    COMPREPLY+=("$line")
  done <<<"$out"
}
complete -F _terrarium terrarium
`;

const zsh = `#compdef terrarium
# zsh completion of terrarium: terrarium completion zsh > "\${fpath[1]}/_terrarium"
_terrarium() {
  local out
  local -a lines asked
  asked=("\${(@Q)words[2,CURRENT]}")
  out=$("\${words[1]}" ${COMPLETE} -- "\${asked[@]}" 2>/dev/null) || _files
  lines=("\${(@f)out}")
  lines=("\${(@)lines%%$'\\t'*}")
  compadd -- "\${(@)\${(@M)lines:#*[^=:]}:#}"
  compadd -S '' -- "\${(@M)lines:#*[=:]}"
}
if [[ "\${funcstack[1]}" == _terrarium ]]; then _terrarium "$@"; else compdef _terrarium terrarium; fi
`;

const fish = `# fish completion of terrarium: terrarium completion fish > ~/.config/fish/completions/terrarium.fish
function __terrarium_complete
    set -l words (commandline -opc)
    $words[1] ${COMPLETE} -- $words[2..-1] (commandline -ct | string unescape) 2>/dev/null
    or __fish_complete_path (commandline -ct)
end
complete -c terrarium -f -a '(__terrarium_complete)'
`;

export const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
