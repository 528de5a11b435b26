# shellcheck shell=bash
# bash completion for hexmcp. Use: source <(hexmcp completion bash)

# The program says what fits: first "words", "files" or "folders" and what stays of the word, then a
# candidate a line, a tab and its description.
_hexmcp() {
    local rest=${COMP_LINE:0:COMP_POINT} words=() i word
    # Bash cuts words at "=" and ":"; what no blank parts is one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
            words+=("")
            rest=${rest#"${rest%%[![:space:]]*}"}
        fi
        ((i == COMP_CWORD)) && word=$rest
        words[${#words[@]} - 1]+=$word
        rest=${rest#"$word"}
    done
    local raw=${words[${#words[@]} - 1]} program=${words[0]/#\~/$HOME}
    type -P -- "$program" >/dev/null || program=hexmcp
    words=("${words[@]//[\"\'\\]/}")
    local current=${words[${#words[@]} - 1]} breaks=${COMP_WORDBREAKS//[^=:]/} cut=""
    # Only what is behind the last break is replaced; within quotes there is no break.
    [[ $raw != [\"\']* && -n $breaks ]] && cut=${current%"${current##*["$breaks"]}"}

    local lines=()
    mapfile -t lines < <("$program" __complete -- "${words[@]:1}" 2>/dev/null)
    local kind=${lines[0]%% *} stays=${lines[0]#* }
    case $kind in
    files | folders)
        compopt -o filenames
        local action=-f
        [[ $kind == folders ]] && action=-d
        mapfile -t COMPREPLY < <(compgen "$action" -- "${current#"$stays"}")
        ;;
    *) COMPREPLY=() ;;
    esac
    for ((i = 1; i < ${#lines[@]}; i++)); do
        word=${lines[i]%%$'\t'*}
        [[ $word == *= ]] && compopt -o nospace
        word=${word#"$cut"}
        [[ $raw == [\"\']* ]] || printf -v word %q "$word"
        COMPREPLY+=("${word/%\\=/=}")
    done
}
complete -F _hexmcp hexmcp
