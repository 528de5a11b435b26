/* Steps, run on one value. */
#include "core/json/writer.h"
#include "core/migration/inside.h"

bool scalar_text(struct tree *t, uint32_t node, struct buffer *scratch, struct str *out)
{
    enum json_type type = tree_type(t, node);
    struct str text = tree_text(t, node);
    if (type == JSON_OBJECT || type == JSON_ARRAY)
        return false;
    if (type != JSON_STRING) {
        *out = text;
        return true;
    }
    *out = (struct str){text.ptr + 1, text.len - 2};
    if (!memchr(text.ptr, '\\', text.len))
        return true;
    struct json_doc *doc;
    buffer_reset(scratch, SIZE_MAX);
    if (json_parse(text, &doc, NULL))
        return false;
    json_decode(json_root(doc), scratch);
    json_free(doc);
    *out = buffer_str(scratch);
    return !buffer_failed(scratch);
}

/* The node at the place; 0 if there is none. */
static uint32_t find(struct tree *t, const struct place *place)
{
    uint32_t node = 1;
    for (uint32_t i = 0; i < place->count && node; i++)
        node = tree_child(t, node, &place->parts[i]);
    return node;
}

/* The node at the place, made with the objects above it. */
static int make(struct tree *t, const struct place *place, uint32_t *out, struct error *err)
{
    uint32_t node = 1;
    for (uint32_t i = 0; i < place->count; i++) {
        if (tree_type(t, node) == JSON_NULL && i)
            tree_set_text(t, node, STR("{}"));
        uint32_t child = tree_member(t, node, &place->parts[i]);
        if (!child && t->failed)
            return error_set(err, ST_NOMEM, "out of memory");
        if (!child)
            return error_set(err, ST_INVALID, "\"%.*s\" cannot be put there: what should hold it is "
                                              "no object",
                             STR_ARG(place->pointer));
        node = child;
    }
    *out = node;
    return ST_OK;
}

/* Takes away what is at the place. */
static void take_away(struct tree *t, const struct place *place)
{
    uint32_t node = 1;
    for (uint32_t i = 0; i + 1 < place->count && node; i++)
        node = tree_child(t, node, &place->parts[i]);
    if (node)
        tree_remove(t, node, &place->parts[place->count - 1]);
}

static int missing(const struct step *step, const struct place *place, struct error *err)
{
    if (!step->required)
        return ST_OK;
    return error_set(err, ST_INVALID, "there is nothing at \"%.*s\"", STR_ARG(place->pointer));
}

/* Is `inner` within `outer`, or the same? */
static bool within(const struct place *outer, const struct place *inner)
{
    if (inner->count < outer->count)
        return false;
    for (uint32_t i = 0; i < outer->count; i++)
        if (!str_eq(outer->parts[i].name, inner->parts[i].name))
            return false;
    return true;
}

static int run_copy(const struct step *step, struct migration_work *work, struct error *err)
{
    struct tree *t = &work->tree;
    uint32_t from = find(t, &step->from[0]), to;
    if (!from)
        return missing(step, &step->from[0], err);
    if (within(&step->to[0], &step->from[0]) || within(&step->from[0], &step->to[0]))
        return error_set(err, ST_INVALID, "\"%.*s\" and \"%.*s\" lie within each other",
                         STR_ARG(step->from[0].pointer), STR_ARG(step->to[0].pointer));
    int rc = make(t, &step->to[0], &to, err);
    if (rc)
        return rc;
    tree_copy(t, from, to);
    if (step->kind == STEP_RENAME)
        take_away(t, &step->from[0]);
    return ST_OK;
}

static int run_default(const struct step *step, struct migration_work *work, uint32_t parent,
                       const struct tree_part *part, struct error *err)
{
    struct tree *t = &work->tree;
    if (tree_child(t, parent, part))
        return ST_OK;
    uint32_t node = tree_member(t, parent, part);
    if (!node)
        return t->failed ? error_set(err, ST_NOMEM, "out of memory")
                         : error_set(err, ST_INVALID, "what should hold it is no object");
    tree_set_text(t, node, step->text);
    return ST_OK;
}

static int run_map(const struct step *step, struct migration_work *work, uint32_t node)
{
    struct tree *t = &work->tree;
    struct str text;
    bool scalar = scalar_text(t, node, &work->scratch, &text);
    for (uint32_t i = 0; scalar && i < step->mapping_count; i++)
        if (str_eq(step->mappings[i].from, text)) {
            tree_set_text(t, node, step->mappings[i].to);
            return ST_OK;
        }
    if (step->otherwise.len)
        tree_set_text(t, node, step->otherwise);
    return ST_OK;
}

/* Does it to one member or element. */
static int run_at(const struct step *step, struct migration_work *work, uint32_t parent,
                  const struct tree_part *part, struct error *err)
{
    struct tree *t = &work->tree;
    if (step->kind == STEP_DEFAULT)
        return run_default(step, work, parent, part, err);
    if (step->kind == STEP_REMOVE) {
        tree_remove(t, parent, part);
        return ST_OK;
    }
    uint32_t node = tree_child(t, parent, part);
    if (!node)
        return missing(step, &step->from[0], err);
    return step->kind == STEP_MAP ? run_map(step, work, node)
                                  : convert_node(work, node, step->convert, err);
}

/* "*" at the end: each child itself. */
static int run_each(const struct step *step, struct migration_work *work, uint32_t parent,
                    struct error *err)
{
    struct tree *t = &work->tree;
    int rc = ST_OK;
    uint32_t next = tree_open(t, parent);
    if (step->kind == STEP_REMOVE) {
        t->nodes[parent].first = t->nodes[parent].last = 0;
        return ST_OK;
    }
    for (uint32_t c = next; c && !rc && step->kind != STEP_DEFAULT; c = t->nodes[c].next)
        rc = step->kind == STEP_MAP ? run_map(step, work, c)
                                    : convert_node(work, c, step->convert, err);
    return rc;
}

/* As deep as a place has parts. */
static int walk(const struct step *step, struct migration_work *work, uint32_t node, uint32_t depth,
                struct error *err)
{
    struct tree *t = &work->tree;
    const struct place *place = &step->from[0];
    const struct tree_part *part = &place->parts[depth];
    bool last = depth + 1 == place->count;
    int rc = ST_OK;
    if (last)
        return part->any ? run_each(step, work, node, err) : run_at(step, work, node, part, err);
    if (part->any) {
        for (uint32_t c = tree_open(t, node); c && !rc; c = t->nodes[c].next)
            rc = walk(step, work, c, depth + 1, err);
        return rc;
    }
    uint32_t child = tree_child(t, node, part);
    if (!child && step->kind == STEP_DEFAULT && !place->any) {
        child = tree_member(t, node, part);
        if (child)
            tree_set_text(t, child, STR("{}"));
    }
    return child ? walk(step, work, child, depth + 1, err) : missing(step, place, err);
}

static void put_string(struct migration_work *work, uint32_t node, struct str text)
{
    size_t from = work->tree.made.len;
    json_quote(&work->tree.made, text);
    tree_set_made(&work->tree, node, from);
}

/* The part of `text` up to the separator, or all of it for the last one. */
static struct str cut(struct str *text, struct str by, bool last)
{
    struct str left = *text;
    for (size_t i = 0; !last && i + by.len <= text->len; i++)
        if (memcmp(text->ptr + i, by.ptr, by.len) == 0) {
            left.len = i;
            text->ptr += i + by.len;
            text->len -= i + by.len;
            return left;
        }
    *text = (struct str){NULL, 0};
    return left;
}

static int run_split(const struct step *step, struct migration_work *work, struct error *err)
{
    struct tree *t = &work->tree;
    uint32_t from = find(t, &step->from[0]), to;
    struct str text;
    if (!from)
        return missing(step, &step->from[0], err);
    if (!scalar_text(t, from, &work->scratch, &text))
        return error_set(err, ST_INVALID, "\"%.*s\" is no text", STR_ARG(step->from[0].pointer));
    /* What is made below may move what the text lies in. */
    buffer_reset(&work->other, SIZE_MAX);
    buffer_add_str(&work->other, text);
    text = buffer_str(&work->other);
    int rc = buffer_failed(&work->other) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
    for (uint32_t i = 0; i < step->to_count && !rc; i++) {
        struct str part = cut(&text, step->text, i + 1 == step->to_count);
        rc = make(t, &step->to[i], &to, err);
        if (!rc)
            put_string(work, to, part);
    }
    return rc;
}

static int run_merge(const struct step *step, struct migration_work *work, struct error *err)
{
    struct tree *t = &work->tree;
    uint32_t found = 0, to;
    buffer_reset(&work->other, SIZE_MAX);
    for (uint32_t i = 0; i < step->from_count; i++) {
        struct str text;
        uint32_t node = find(t, &step->from[i]);
        if (!node && step->required)
            return missing(step, &step->from[i], err);
        if (!node || tree_type(t, node) == JSON_NULL)
            continue;
        if (!scalar_text(t, node, &work->scratch, &text))
            return error_set(err, ST_INVALID, "\"%.*s\" is no text",
                             STR_ARG(step->from[i].pointer));
        if (found++)
            buffer_add_str(&work->other, step->text);
        buffer_add_str(&work->other, text);
    }
    if (!found)
        return ST_OK;
    int rc = make(t, &step->to[0], &to, err);
    if (!rc)
        put_string(work, to, buffer_str(&work->other));
    return rc;
}

static int run_template(const struct step *step, struct migration_work *work, struct error *err)
{
    struct tree *t = &work->tree;
    uint32_t to;
    buffer_reset(&work->other, SIZE_MAX);
    for (uint32_t i = 0; i < step->piece_count; i++) {
        const struct piece *piece = &step->pieces[i];
        struct str text = piece->text;
        uint32_t node = piece->is_place ? find(t, &piece->place) : 0;
        if (node && !scalar_text(t, node, &work->scratch, &text))
            return error_set(err, ST_INVALID, "\"%.*s\" is no text",
                             STR_ARG(piece->place.pointer));
        buffer_add_str(&work->other, text);
    }
    int rc = make(t, &step->to[0], &to, err);
    if (!rc)
        put_string(work, to, buffer_str(&work->other));
    return rc;
}

int step_run(const struct step *step, struct migration_work *work, struct error *err)
{
    int rc;
    switch (step->kind) {
    case STEP_COPY:
    case STEP_RENAME:
        rc = run_copy(step, work, err);
        break;
    case STEP_SPLIT:
        rc = run_split(step, work, err);
        break;
    case STEP_MERGE:
        rc = run_merge(step, work, err);
        break;
    case STEP_TEMPLATE:
        rc = run_template(step, work, err);
        break;
    default:
        rc = walk(step, work, 1, 0, err);
        break;
    }
    if (!rc && (work->tree.failed || buffer_failed(&work->tree.made) ||
                buffer_failed(&work->other) || buffer_failed(&work->scratch)))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}
