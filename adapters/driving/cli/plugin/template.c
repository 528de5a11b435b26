#include "adapters/driving/cli/plugin/template.h"

static const char *value_of(const struct template_value *values, struct str name)
{
    for (; values->name; values++)
        if (str_eq(str_from(values->name), name))
            return values->value;
    return NULL;
}

/* The length of the placeholder that begins at `at`, brackets included; 0: there is none. Braces that
 * hold no word are the text's own, and "${{" belongs to others, who fill in later. */
static size_t placeholder_at(struct str text, size_t at)
{
    size_t end = at + 2;
    if (text.len - at < 5 || text.ptr[at] != '{' || text.ptr[at + 1] != '{' ||
        (at > 0 && text.ptr[at - 1] == '$'))
        return 0;
    while (end < text.len && text.ptr[end] >= 'a' && text.ptr[end] <= 'z')
        end++;
    bool closed = end > at + 2 && text.len - end >= 2 && text.ptr[end] == '}' &&
                  text.ptr[end + 1] == '}';
    return closed ? end + 2 - at : 0;
}

int template_fill(struct str text, const struct template_value *values, struct buffer *out,
                  struct error *err)
{
    for (size_t at = 0; at < text.len;) {
        size_t len = placeholder_at(text, at);
        if (!len) {
            buffer_add_char(out, text.ptr[at++]);
            continue;
        }
        struct str name = {text.ptr + at + 2, len - 4};
        const char *value = value_of(values, name);
        if (!value)
            return error_set(err, ST_INVALID, "the placeholder {{%.*s}} is not known",
                             STR_ARG(name));
        buffer_add_str(out, str_from(value));
        at += len;
    }
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}
