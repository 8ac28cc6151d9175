import { completionWord } from "./completions-of.ts";

/** What each shell needs to ask `warren` for completions; where there are none it completes files. */
export const shellScripts: Readonly<Record<"bash" | "zsh" | "fish" | "powershell", string>> = {
  bash: `_warren() {
  local IFS=$'\\n'
  COMPREPLY=($(warren ${completionWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null))
}
complete -o default -F _warren warren
`,
  zsh: `#compdef warren
_warren() {
  local -a found
  found=("\${(@f)$(warren ${completionWord} "\${(@)words[2,CURRENT]}" 2> /dev/null)}")
  if [[ -n "$found" ]]; then compadd -Q -- "\${found[@]}"; else _files; fi
}
compdef _warren warren
`,
  fish: `complete -c warren -a '(warren ${completionWord} (commandline -opc)[2..-1] (commandline -ct) 2> /dev/null)'
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName warren -ScriptBlock {
  param($word, $ast, $cursor)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
  # Before 7.3 an empty argument is lost unless it is quoted twice.
  if ($word -eq '') { $words += if ($PSVersionTable.PSVersion -ge [version]'7.3') { '' } else { '""' } }
  warren ${completionWord} @words 2> $null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`,
};
