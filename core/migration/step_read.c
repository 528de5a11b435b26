/* Steps of a file, read once. */
#include "core/json/writer.h"
#include "core/migration/inside.h"
#include "core/base/nearest.h"
#include "core/json/pointer.h"

const char *const step_names[STEP_KINDS] = {
    [STEP_COPY] = "copy",       [STEP_DEFAULT] = "default", [STEP_REMOVE] = "remove",
    [STEP_RENAME] = "rename",   [STEP_CONVERT] = "convert", [STEP_SPLIT] = "split",
    [STEP_MERGE] = "merge",     [STEP_MAP] = "map",         [STEP_TEMPLATE] = "template",
};

/* The members that each step has; what is in brackets need not be there. */
static const char *const members[STEP_KINDS] = {
    [STEP_COPY] = "from to [required]",
    [STEP_DEFAULT] = "at value",
    [STEP_REMOVE] = "at",
    [STEP_RENAME] = "from to [required]",
    [STEP_CONVERT] = "at to [required]",
    [STEP_SPLIT] = "from by to [required]",
    [STEP_MERGE] = "from by to [required]",
    [STEP_MAP] = "at values [otherwise] [required]",
    [STEP_TEMPLATE] = "to text",
};

static int no_memory(struct error *err)
{
    return error_set(err, ST_NOMEM, "out of memory");
}

/* A copy of the decoded text of a string. */
static int text_of(struct json v, const char *what, struct arena *memory, struct str *out,
                   struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (json_type(v) != JSON_STRING)
        return error_set(err, ST_INVALID, "\"%s\" must be a text", what);
    bool good = json_string(v, &scratch, &text);
    if (good) {
        *out = arena_copy(memory, text);
        good = out->ptr != NULL;
    }
    buffer_clear(&scratch);
    return good ? ST_OK : no_memory(err);
}

static int read_parts(struct str pointer, struct arena *memory, struct place *out)
{
    struct buffer part = BUFFER_INIT, quoted = BUFFER_INIT;
    for (uint32_t i = 0; i < out->count; i++) {
        json_pointer_next(&pointer, &part);
        buffer_reset(&quoted, SIZE_MAX);
        json_quote(&quoted, buffer_str(&part));
        out->parts[i] = (struct tree_part){arena_copy(memory, buffer_str(&part)),
                                           arena_copy(memory, buffer_str(&quoted)),
                                           str_eq(buffer_str(&part), STR("*"))};
        out->any = out->any || out->parts[i].any;
    }
    bool failed = buffer_failed(&part) || buffer_failed(&quoted) || memory->failed;
    buffer_clear(&part);
    buffer_clear(&quoted);
    return failed ? ST_NOMEM : ST_OK;
}

static int place_from(struct str pointer, bool may_any, struct arena *memory, struct place *out,
                      struct error *err)
{
    *out = (struct place){.pointer = pointer};
    if (!json_pointer_valid(pointer) || pointer.len == 0)
        return error_set(err, ST_INVALID, "\"%.*s\" is no place: it must begin with \"/\"",
                         (int)(pointer.len > 100 ? 100 : pointer.len), pointer.ptr);
    for (size_t i = 0; i < pointer.len; i++)
        out->count += pointer.ptr[i] == '/';
    if (out->count > PLACE_PARTS_MAX)
        return error_set(err, ST_INVALID, "a place has at most %u parts", PLACE_PARTS_MAX);
    out->parts = arena_alloc(memory, out->count * sizeof(*out->parts));
    if (!out->parts || read_parts(pointer, memory, out))
        return no_memory(err);
    if (out->any && !may_any)
        return error_set(err, ST_INVALID,
                         "\"%.*s\": \"*\" is for steps that change a value where it is (\"at\")",
                         (int)(pointer.len > 100 ? 100 : pointer.len), pointer.ptr);
    return ST_OK;
}

/* One place, or an array of them. */
static int read_places(struct json v, const char *what, bool may_any, struct arena *memory,
                       struct place **out, uint32_t *count, struct error *err)
{
    struct json_iter it = json_iter(v);
    bool array = json_type(v) == JSON_ARRAY;
    uint32_t n = array ? json_count(v) : 1;
    if (n == 0 || n > PLACES_MAX)
        return error_set(err, ST_INVALID, "\"%s\" must have 1 to %u places", what, PLACES_MAX);
    struct place *places = arena_alloc(memory, n * sizeof(*places));
    if (!places)
        return no_memory(err);
    for (uint32_t i = 0; i < n; i++) {
        struct str pointer;
        struct json one = v;
        if (array && json_next(&it))
            one = it.value;
        int rc = text_of(one, what, memory, &pointer, err);
        if (!rc)
            rc = place_from(pointer, may_any, memory, &places[i], err);
        if (rc)
            return rc;
    }
    *out = places;
    *count = n;
    return ST_OK;
}

static int read_convert(struct json v, struct step *out, struct error *err)
{
    static const struct str kinds[] = {
        [TO_STRING] = STR_INIT("string"),   [TO_INTEGER] = STR_INIT("integer"),
        [TO_NUMBER] = STR_INIT("number"),   [TO_BOOLEAN] = STR_INIT("boolean"),
        [TO_ARRAY] = STR_INIT("array"),
    };
    for (int i = 0; i < 5; i++)
        if (json_is(v, kinds[i])) {
            out->convert = (enum convert_to)i;
            return ST_OK;
        }
    return error_set(err, ST_INVALID,
                     "\"to\" must be \"string\", \"integer\", \"number\", \"boolean\" or \"array\"");
}

/* A value of JSON that outlives the file's text. */
static int raw_of(struct json v, struct arena *memory, struct str *out, struct error *err)
{
    struct buffer line = BUFFER_INIT;
    json_copy_line(&line, json_text(v));
    *out = buffer_failed(&line) ? (struct str){NULL, 0} : arena_copy(memory, buffer_str(&line));
    buffer_clear(&line);
    return out->ptr ? ST_OK : no_memory(err);
}

static int read_map(struct json v, struct arena *memory, struct step *out, struct error *err)
{
    struct json values = json_get(v, STR("values")), otherwise = json_get(v, STR("otherwise"));
    struct json_iter it = json_iter(values);
    int rc = ST_OK;
    if (json_type(values) != JSON_OBJECT || json_count(values) == 0)
        return error_set(err, ST_INVALID, "\"values\" must be an object that is not empty");
    out->mappings = arena_alloc(memory, json_count(values) * sizeof(*out->mappings));
    if (!out->mappings)
        return no_memory(err);
    while (!rc && json_next(&it)) {
        struct mapping *m = &out->mappings[out->mapping_count++];
        rc = text_of(it.key, "values", memory, &m->from, err);
        if (!rc)
            rc = raw_of(it.value, memory, &m->to, err);
    }
    if (!rc && json_exists(otherwise))
        rc = raw_of(otherwise, memory, &out->otherwise, err);
    return rc;
}

static size_t find(struct str text, size_t from, const char *two)
{
    while (from + 1 < text.len && (text.ptr[from] != two[0] || text.ptr[from + 1] != two[1]))
        from++;
    return from + 1 < text.len ? from : text.len;
}

static int read_template(struct str text, struct arena *memory, struct step *out,
                         struct error *err)
{
    size_t at = 0;
    out->pieces = arena_alloc(memory, (2 * PLACES_MAX + 1) * sizeof(*out->pieces));
    if (!out->pieces)
        return no_memory(err);
    while (at < text.len) {
        size_t open = find(text, at, "{{"), close = find(text, open, "}}");
        if (open > at)
            out->pieces[out->piece_count++].text = (struct str){text.ptr + at, open - at};
        if (open == text.len)
            break;
        if (close == text.len)
            return error_set(err, ST_INVALID, "\"text\" has \"{{\" without \"}}\"");
        if (out->piece_count >= 2 * PLACES_MAX)
            return error_set(err, ST_INVALID, "\"text\" may name at most %u places", PLACES_MAX);
        struct piece *piece = &out->pieces[out->piece_count++];
        piece->is_place = true;
        int rc = place_from((struct str){text.ptr + open + 2, close - open - 2}, false, memory,
                            &piece->place, err);
        if (rc)
            return rc;
        at = close + 2;
    }
    return ST_OK;
}

static bool word_in(const char *list, struct str word, bool *optional)
{
    const char *at = list;
    while (*at) {
        const char *end = strchr(at, ' ');
        size_t len = end ? (size_t)(end - at) : strlen(at);
        bool brackets = *at == '[';
        struct str one = {at + brackets, len - 2u * brackets};
        if (str_eq(one, word)) {
            *optional = brackets;
            return true;
        }
        at += len + (end != NULL);
    }
    return false;
}

static int check_members(struct json v, enum step_kind kind, struct error *err)
{
    struct json_iter it = json_iter(v);
    uint32_t found = 0, wanted = 0;
    bool optional;
    if (json_type(v) != JSON_OBJECT)
        return error_set(err, ST_INVALID, "must be an object");
    for (const char *c = members[kind]; *c; c++)
        wanted += (c == members[kind] || c[-1] == ' ') && *c != '[';
    while (json_next(&it)) {
        struct str name = {NULL, 0};
        if (!json_plain(it.key, &name) || !word_in(members[kind], name, &optional))
            return error_set(err, ST_INVALID, "has %s, and no %.*s", members[kind],
                             STR_ARG(json_text(it.key)));
        found += !optional;
    }
    return found == wanted ? ST_OK : error_set(err, ST_INVALID, "must have %s", members[kind]);
}

/* The places of a step; those that it changes in place are under "at". */
static int read_step_places(struct json v, struct arena *memory, struct step *out,
                            struct error *err)
{
    bool at = json_exists(json_get(v, STR("at")));
    const char *name = at ? "at" : "from";
    int rc = ST_OK;
    json_bool(json_get(v, STR("required")), &out->required);
    if (out->kind != STEP_TEMPLATE)
        rc = read_places(json_get(v, str_from(name)), name, at, memory, &out->from,
                         &out->from_count, err);
    if (!rc && out->kind != STEP_CONVERT && !at)
        rc = read_places(json_get(v, STR("to")), "to", false, memory, &out->to, &out->to_count,
                         err);
    if (!rc && out->from_count > 1 && out->kind != STEP_MERGE)
        rc = error_set(err, ST_INVALID, "\"%s\" must be one place", name);
    if (!rc && out->to_count > 1 && out->kind != STEP_SPLIT)
        rc = error_set(err, ST_INVALID, "\"to\" must be one place");
    return rc;
}

static int read_rest(struct json v, struct arena *memory, struct step *out, struct error *err)
{
    struct str text;
    int rc;
    switch (out->kind) {
    case STEP_DEFAULT:
        return raw_of(json_get(v, STR("value")), memory, &out->text, err);
    case STEP_CONVERT:
        return read_convert(json_get(v, STR("to")), out, err);
    case STEP_SPLIT:
    case STEP_MERGE:
        rc = text_of(json_get(v, STR("by")), "by", memory, &out->text, err);
        if (!rc && !out->text.len && out->kind == STEP_SPLIT)
            rc = error_set(err, ST_INVALID, "\"by\" must not be empty");
        return rc;
    case STEP_MAP:
        return read_map(v, memory, out, err);
    case STEP_TEMPLATE:
        rc = text_of(json_get(v, STR("text")), "text", memory, &text, err);
        return rc ? rc : read_template(text, memory, out, err);
    default:
        return ST_OK;
    }
}

static int unknown(struct str name, struct error *err)
{
    struct nearest near = {.word = name};
    for (int i = 0; i < STEP_KINDS; i++)
        nearest_offer(&near, str_from(step_names[i]));
    return error_set(err, ST_INVALID, "there is no step \"%.*s\"%s%.*s%s",
                     (int)(name.len > 60 ? 60 : name.len), name.ptr ? name.ptr : "",
                     near.best.len ? "; did you mean \"" : "", STR_ARG(near.best),
                     near.best.len ? "\"?" : "");
}

int step_read(struct json v, struct arena *memory, struct step *out, struct error *err)
{
    struct json_iter it = json_iter(v);
    struct str name = {NULL, 0};
    if (json_type(v) != JSON_OBJECT || json_count(v) != 1 || !json_next(&it))
        return error_set(err, ST_INVALID, "a step is an object with one member, its name");
    json_plain(it.key, &name);
    for (int i = 0; i < STEP_KINDS; i++)
        if (str_eq(name, str_from(step_names[i]))) {
            *out = (struct step){.kind = (enum step_kind)i};
            int rc = check_members(it.value, out->kind, err);
            if (!rc)
                rc = read_step_places(it.value, memory, out, err);
            if (!rc)
                rc = read_rest(it.value, memory, out, err);
            return rc ? error_prefix(err, "%s: ", step_names[i]) : ST_OK;
        }
    return unknown(name, err);
}
