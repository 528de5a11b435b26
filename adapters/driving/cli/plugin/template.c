#include "adapters/driving/cli/plugin/template.h"

static const char *value_of(const struct template_value *values, struct str name)
{
    for (; values->name; values++)
        if (str_eq(str_from(values->name), name))
            return values->value;
    return NULL;
}

/* The offset of the two characters `mark` in the text from `at` on; its length if they are not there. */
static size_t find(struct str text, size_t at, const char *mark)
{
    const char *found = at < text.len ? memmem(text.ptr + at, text.len - at, mark, 2) : NULL;
    return found ? (size_t)(found - text.ptr) : text.len;
}

/* The next placeholder; "${{" belongs to others, who fill in later. */
static size_t find_open(struct str text, size_t at)
{
    size_t open = find(text, at, "{{");
    while (open < text.len && open > 0 && text.ptr[open - 1] == '$')
        open = find(text, open + 2, "{{");
    return open;
}

int template_fill(struct str text, const struct template_value *values, struct buffer *out,
                  struct error *err)
{
    size_t at = 0;
    while (at < text.len) {
        size_t open = find_open(text, at);
        buffer_add(out, text.ptr + at, open - at);
        if (open == text.len)
            break;
        size_t close = find(text, open, "}}");
        struct str name = {text.ptr + open + 2, close > open + 2 ? close - open - 2 : 0};
        const char *value = close < text.len ? value_of(values, name) : NULL;
        if (!value)
            return error_set(err, ST_INVALID, "the placeholder {{%.*s}} is not known",
                             STR_ARG(name));
        buffer_add_str(out, str_from(value));
        at = close + 2;
    }
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}
