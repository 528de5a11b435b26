# fish completion for hexmcp. Use: hexmcp completion fish | source

# The program says what fits: first "words", "files" or "folders" and what stays of the word, then a
# candidate a line, a tab and its description.
function __hexmcp_complete
    set -l words (commandline -opc)
    set -l current (string unescape -- (commandline -ct) | string collect)
    set -l lines ($words[1] __complete -- $words[2..] "$current" 2>/dev/null)
    set -l first (string split -m 1 ' ' -- $lines[1])
    set -l path (string sub -s (math (string length -- "$first[2]") + 1) -- "$current")
    switch "$first[1]"
        case files
            __fish_complete_path "$path" | string replace -r '^' -- "$first[2]"
        case folders
            __fish_complete_directories "$path" | string replace -r '^' -- "$first[2]"
    end
    test (count $lines) -gt 1; and printf '%s\n' $lines[2..]
end

complete -c hexmcp -f -a '(__hexmcp_complete)'
