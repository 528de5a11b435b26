#include "adapters/driving/cli/client/toml_value.h"

static size_t line_of(struct toml_reader *r, size_t at)
{
    for (; r->counted < at && r->counted < r->text.len; r->counted++)
        r->line += r->text.ptr[r->counted] == '\n';
    return r->line;
}

static int malformed(struct toml_reader *r, size_t at, const char *what, struct error *err)
{
    return error_set(err, ST_CONFIG, "is not TOML: line %zu: %s", line_of(r, at), what);
}

struct toml_reader toml_open(struct str text)
{
    return (struct toml_reader){text, str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0, 1, 0};
}

/* "[a.b]" and "[[a.b]]" */
static bool take_header(struct str text, size_t *at, struct toml_item *item)
{
    bool array = text.len - *at > 1 && text.ptr[*at + 1] == '[';
    size_t brackets = array ? 2 : 1;
    *at += brackets;
    item->kind = array ? TOML_ARRAY : TOML_TABLE;
    if (!toml_take_key(text, at, &item->key) || text.len - *at < brackets ||
        memcmp(text.ptr + *at, "]]", brackets) != 0)
        return false;
    *at += brackets;
    return true;
}

static int take_pair(struct toml_reader *r, size_t *at, struct toml_item *item,
                     struct error *err)
{
    item->kind = TOML_PAIR;
    if (!toml_take_key(r->text, at, &item->key))
        return malformed(r, *at, "there is no key that could be read", err);
    if (*at >= r->text.len || r->text.ptr[*at] != '=')
        return malformed(r, *at, "expected \"=\" behind a key", err);
    ++*at;
    toml_skip_blanks(r->text, at);
    item->value = *at;
    if (!toml_take_value(r->text, at, 0))
        return malformed(r, *at, "there is no value that could be read", err);
    return ST_OK;
}

static int take_item(struct toml_reader *r, size_t *at, struct toml_item *item,
                     struct error *err)
{
    if (r->text.ptr[*at] != '[')
        return take_pair(r, at, item, err);
    if (!take_header(r->text, at, item))
        return malformed(r, *at, "there is no table header that could be read", err);
    return ST_OK;
}

static size_t line_begin(struct str text, size_t at)
{
    while (at > 0 && (text.ptr[at - 1] == ' ' || text.ptr[at - 1] == '\t'))
        at--;
    return at;
}

int toml_next(struct toml_reader *r, struct toml_item *item, struct error *err)
{
    size_t at = r->at;
    if (!toml_skip_lines(r->text, &at))
        return malformed(r, at, "a comment holds a control character", err);
    if (at == r->text.len) {
        r->at = at;
        return 0;
    }
    item->begin = line_begin(r->text, at);
    item->line = line_of(r, at);
    int rc = take_item(r, &at, item, err);
    if (rc)
        return rc;
    item->end = at;
    toml_skip_blanks(r->text, &at);
    if (!toml_take_comment(r->text, &at) ||
        (!toml_take_break(r->text, &at) && at < r->text.len))
        return malformed(r, at, "there is more behind the value or header", err);
    item->line_end = r->at = at;
    return 1;
}
