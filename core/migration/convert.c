/* One kind of value made another, where nothing is lost. */
#include "core/json/writer.h"
#include "core/migration/inside.h"

static int cannot(const struct tree *t, uint32_t node, const char *to, struct error *err)
{
    struct str text = tree_text(t, node);
    return error_set(err, ST_INVALID, "%.*s cannot be %s",
                     text.len ? (int)(text.len > 60 ? 60 : text.len) : 11,
                     text.len ? text.ptr : "a container", to);
}

static int to_string(struct migration_work *work, uint32_t node, struct error *err)
{
    struct tree *t = &work->tree;
    struct str text;
    size_t from = t->made.len;
    if (tree_type(t, node) == JSON_STRING)
        return ST_OK;
    if (!scalar_text(t, node, &work->scratch, &text))
        return cannot(t, node, "a string", err);
    buffer_reset(&work->other, SIZE_MAX);
    buffer_add_str(&work->other, text);
    json_quote(&t->made, buffer_str(&work->other));
    tree_set_made(t, node, from);
    return ST_OK;
}

/* The number that the text is, as JSON; whole ones without fraction and exponent. */
static bool number_from(struct str text, bool whole, struct buffer *out)
{
    struct json_doc *doc;
    int64_t value;
    double near;
    if (json_parse(text, &doc, NULL))
        return false;
    struct json v = json_root(doc);
    bool good = json_type(v) == JSON_NUMBER && json_text(v).len == text.len;
    buffer_reset(out, SIZE_MAX);
    if (good && whole && !json_is_integer_text(v)) {
        /* 2^53: beyond it a double is not the number that was written. */
        good = json_double(v, &near) && near >= -9007199254740992.0 && near <= 9007199254740992.0;
        value = good ? (int64_t)near : 0;
        good = good && (double)value == near;
        if (good)
            buffer_add_i64(out, value);
    } else {
        buffer_add_str(out, text);
    }
    json_free(doc);
    return good;
}

static int to_number(struct migration_work *work, uint32_t node, bool whole, struct error *err)
{
    struct tree *t = &work->tree;
    struct str text;
    enum json_type type = tree_type(t, node);
    bool good = scalar_text(t, node, &work->scratch, &text) && type != JSON_NULL;
    bool truth = type == JSON_BOOL && text.len == 4;
    if (type == JSON_BOOL && whole) {
        tree_set_text(t, node, truth ? STR("1") : STR("0"));
        return ST_OK;
    }
    if (!good || !number_from(text, whole, &work->other))
        return cannot(t, node, whole ? "an integer" : "a number", err);
    size_t from = t->made.len;
    buffer_add_str(&t->made, buffer_str(&work->other));
    tree_set_made(t, node, from);
    return ST_OK;
}

static int to_boolean(struct migration_work *work, uint32_t node, struct error *err)
{
    static const struct {
        struct str text;
        bool truth;
    } words[] = {
        {STR_INIT("true"), true}, {STR_INIT("false"), false}, {STR_INIT("1"), true},
        {STR_INIT("0"), false},   {STR_INIT("yes"), true},    {STR_INIT("no"), false},
        {STR_INIT("on"), true},   {STR_INIT("off"), false},
    };
    struct tree *t = &work->tree;
    struct str text;
    bool scalar = scalar_text(t, node, &work->scratch, &text);
    for (size_t i = 0; scalar && i < sizeof(words) / sizeof(words[0]); i++)
        if (str_eq(words[i].text, text)) {
            tree_set_text(t, node, words[i].truth ? STR("true") : STR("false"));
            return ST_OK;
        }
    return cannot(t, node, "a boolean", err);
}

static int to_array(struct migration_work *work, uint32_t node)
{
    struct tree *t = &work->tree;
    size_t from = t->made.len;
    if (tree_type(t, node) == JSON_ARRAY)
        return ST_OK;
    buffer_reset(&work->other, SIZE_MAX);
    tree_write(t, node, &work->other);
    buffer_add_char(&t->made, '[');
    buffer_add_str(&t->made, buffer_str(&work->other));
    buffer_add_char(&t->made, ']');
    tree_set_made(t, node, from);
    return ST_OK;
}

int convert_node(struct migration_work *work, uint32_t node, enum convert_to to, struct error *err)
{
    switch (to) {
    case TO_STRING:
        return to_string(work, node, err);
    case TO_INTEGER:
        return to_number(work, node, true, err);
    case TO_NUMBER:
        return to_number(work, node, false, err);
    case TO_BOOLEAN:
        return to_boolean(work, node, err);
    default:
        return to_array(work, node);
    }
}
