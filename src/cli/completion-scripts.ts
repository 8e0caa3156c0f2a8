/** Each hands the words up to the cursor to `countersign complete`, and the lines that come to the shell. */
export const scripts = {
  bash: `_countersign() {
  local IFS=$'\\n'
  COMPREPLY=($(countersign complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _countersign countersign`,
  zsh: `#compdef countersign
_countersign() {
  local -a found
  found=("\${(@f)$(countersign complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _countersign countersign`,
  fish: `function __countersign_complete
  set -l words (commandline -opc) (commandline -ct)
  countersign complete -- $words[2..-1] 2>/dev/null
end
complete -c countersign -f -a '(__countersign_complete)'`,
} as const
