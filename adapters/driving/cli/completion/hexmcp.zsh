#compdef hexmcp
# zsh completion for hexmcp. Use: source <(hexmcp completion zsh)

# The program says what fits: first "words", "files" or "folders" and what stays of the word, then a
# candidate a line, a tab and its description.
_hexmcp() {
    local -a lines ended open
    local line word kind stays
    lines=("${(@f)$(${(Q)~words[1]} __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    kind=${lines[1]%% *}
    stays=${lines[1]#* }
    for line in "${(@)lines[2,-1]}"; do
        word=${line%%$'\t'*}
        line=${line#*$'\t'}
        word=${word//:/\\:}${line:+:$line}
        if [[ ${word%%:*} == *= ]]; then
            open+=("$word")
        else
            ended+=("$word")
        fi
    done
    (( $#open )) && _describe -t names name open -S ''
    (( $#ended )) && _describe -t values value ended
    case $kind in
    files) compset -p ${#stays} && _files ;;
    folders) compset -p ${#stays} && _files -/ ;;
    esac
}

if [[ $funcstack[1] == _hexmcp ]]; then
    _hexmcp "$@"
else
    compdef _hexmcp hexmcp
fi
