#include "adapters/driving/cli/plugin/dev/words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reads one word at `at`, decoded into `out`. Returns what is behind it; NULL: a quote is open. */
static const char *take_word(const char *at, struct buffer *out)
{
    char quote = '\0';
    for (; *at && (quote || !is_blank(*at)); at++) {
        if (quote && *at == quote)
            quote = '\0';
        else if (!quote && (*at == '"' || *at == '\''))
            quote = *at;
        else if (*at == '\\' && quote != '\'' && at[1])
            buffer_add_char(out, *++at);
        else
            buffer_add_char(out, *at);
    }
    buffer_add_char(out, '\0');
    return quote ? NULL : at;
}

int words_split(const char *line, struct words *out, struct error *err)
{
    size_t begin[WORDS_MAX];
    *out = (struct words){.count = 0};
    for (const char *at = line;;) {
        while (is_blank(*at))
            at++;
        if (!*at)
            break;
        if (out->count == WORDS_MAX) {
            words_clear(out);
            return error_set(err, ST_INVALID, "there are more than %d words", WORDS_MAX);
        }
        begin[out->count] = out->text.len;
        out->rest[out->count++] = at;
        at = take_word(at, &out->text);
        if (!at) {
            words_clear(out);
            return error_set(err, ST_INVALID, "a quote is not closed");
        }
    }
    if (buffer_failed(&out->text)) {
        words_clear(out);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    for (int i = 0; i < out->count; i++)
        out->list[i] = out->text.data + begin[i];
    return ST_OK;
}

void words_clear(struct words *words)
{
    buffer_clear(&words->text);
    words->count = 0;
}
