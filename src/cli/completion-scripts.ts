/** The shells that lines are completed in. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What each shell is to read once: it asks `awsusage complete-line` for the words that may stand where the cursor is. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_awsusage() {
  local line files=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) files=1 ;;
      :none) ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(awsusage complete-line -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
  if [ -z "$files" ]; then
    compopt +o default 2>/dev/null
  elif [ \${#COMPREPLY[@]} -gt 0 ]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -o default -F _awsusage awsusage
`,
  zsh: `#compdef awsusage
_awsusage() {
  local line files=
  local -a described
  for line in "\${(@f)$(awsusage complete-line -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    case $line in
      (:files) files=1 ;;
      (:none|'') ;;
      (*) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( \${#described} )) && _describe -t words 'awsusage' described
  [[ -n $files ]] && _files
  return 0
}
if [[ \${funcstack[1]} == _awsusage ]]; then
  _awsusage "$@"
else
  compdef _awsusage awsusage
fi
`,
  fish: `function __awsusage_words
  set -l words (commandline -opc) (commandline -ct)
  for line in (awsusage complete-line -- $words[2..-1] 2>/dev/null </dev/null)
    switch $line
      case ':files'
        __fish_complete_path (commandline -ct)
      case ':none'
      case '*'
        echo $line
    end
  end
end
complete -c awsusage -f -a '(__awsusage_words)'
`,
};
