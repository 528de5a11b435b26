/*
 * SPDX-License-Identifier: MIT
 */
#include "plan.h"

static int32_t no_memory(hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory for the columns; try again");
}

static int32_t fail_column(const char *where, const char *name, size_t len, hexmcp_error *err)
{
    return hexmcp_fail(err, HEXMCP_E_INVALID,
                       "options.%s names the column \"%.*s\", which is not there; see the columns of "
                       "operation analyze",
                       where, (int)(len < 100 ? len : 100), name);
}

/* ---- columns -------------------------------------------------------------------------------- */

static bool make_room(struct plan *p, size_t most)
{
    p->names = calloc(most, sizeof(*p->names));
    p->types = calloc(most, sizeof(*p->types));
    p->from = calloc(most, sizeof(*p->from));
    p->fields = calloc(most, sizeof(*p->fields));
    p->ends = calloc(most, sizeof(*p->ends));
    return p->names && p->types && p->from && p->fields && p->ends;
}

static int32_t add(struct plan *p, hexmcp_str name, size_t column, enum value_type type, hexmcp_error *err)
{
    char *copy = malloc(name.len + 1);
    if (!copy)
        return no_memory(err);
    memcpy(copy, name.ptr, name.len);
    copy[name.len] = '\0';
    p->names[p->count] = (hexmcp_str){copy, name.len};
    p->types[p->count] = type;
    p->from[p->count++].column = column;
    return HEXMCP_OK;
}

static int32_t choose(struct plan *p, const struct table *t, const struct request *q, hexmcp_error *err)
{
    int32_t status = HEXMCP_OK;
    for (size_t i = 0; !q->columns && i < t->columns && status == HEXMCP_OK; i++)
        status = add(p, t->names[i], i, t->types[i], err);
    for (size_t i = 0; i < q->column_count && status == HEXMCP_OK; i++) {
        size_t at = table_column(t, q->columns[i], strlen(q->columns[i]));
        status = at == SIZE_MAX ? fail_column("columns", q->columns[i], strlen(q->columns[i]), err)
                                : add(p, t->names[at], at, t->types[at], err);
    }
    return status;
}

/* Key and value as texts, to be freed. */
static int32_t read_pair(hexmcp_str key, hexmcp_str value, const char *where, char **name, char **text,
                         hexmcp_error *err)
{
    size_t name_len = 0, len = 0;
    *name = *text = NULL;
    int32_t status = hexmcp_json_string_dup(key, name, &name_len);
    if (status == HEXMCP_OK)
        status = hexmcp_json_string_dup(value, text, &len);
    if (status == HEXMCP_E_NOMEM)
        return no_memory(err);
    if (status != HEXMCP_OK || strlen(*name) != name_len || strlen(*text) != len ||
        len > PLAN_TEMPLATE_MOST || name_len == 0 || name_len > PLAN_TEMPLATE_MOST)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "options.%s must be an object of names and texts, each of at most %d bytes",
                           where, PLAN_TEMPLATE_MOST);
    return HEXMCP_OK;
}

static int32_t rename_one(struct plan *p, const char *name, const char *text, hexmcp_error *err)
{
    for (size_t i = 0; i < p->count; i++)
        if (hexmcp_str_equals(p->names[i], name)) {
            char *copy = strdup(text);
            if (!copy)
                return no_memory(err);
            free((char *)(uintptr_t)p->names[i].ptr);
            p->names[i] = (hexmcp_str){copy, strlen(copy)};
            return HEXMCP_OK;
        }
    return fail_column("rename_columns", name, strlen(name), err);
}

/* The next name in braces of a template, or NULL; *literal is what stands before it. After NULL *len is not 0
 * if a brace does not end. */
static const char *next_name(const char **at, hexmcp_str *literal, size_t *len)
{
    const char *begin = *at, *open = begin;
    while (*open && *open != '{')
        open++;
    *literal = (hexmcp_str){begin, (size_t)(open - begin)};
    *len = 0;
    *at = open;
    if (*open == '\0')
        return NULL;
    if (open[1] == '{') {
        literal->len++;
        *at = open + 2;
        return "";
    }
    const char *close = strchr(open, '}');
    if (!close) {
        *len = literal->len = strlen(begin);
        *at = begin + literal->len;
        return NULL;
    }
    *len = (size_t)(close - open) - 1;
    *at = close + 1;
    return open + 1;
}

static int32_t check_template(const struct table *t, const char *template, hexmcp_error *err)
{
    const char *at = template, *name;
    hexmcp_str literal;
    size_t len;
    while ((name = next_name(&at, &literal, &len)))
        if (*name && table_column(t, name, len) == SIZE_MAX)
            return fail_column("add_columns", name, len, err);
    if (len > 0)
        return hexmcp_fail(err, HEXMCP_E_INVALID,
                           "options.add_columns has a { without a } in \"%.100s\"; write {{ for a brace",
                           template);
    return HEXMCP_OK;
}

static int32_t add_made(struct plan *p, const struct table *t, char *name, char **template,
                        hexmcp_error *err)
{
    int32_t status = check_template(t, *template, err);
    if (status == HEXMCP_OK)
        status = add(p, hexmcp_str_from(name), 0, VALUE_TEXT, err);
    if (status == HEXMCP_OK) {
        p->from[p->count - 1].template = *template;
        *template = NULL;
    }
    return status;
}

static int32_t each_pair(struct plan *p, const struct table *t, hexmcp_str object, bool renames,
                         hexmcp_error *err)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    hexmcp_str key, value;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && object.len > 0 && hexmcp_json_next(&it, &key, &value)) {
        char *name, *text;
        if (p->count == PLAN_COLUMNS_MOST)
            return hexmcp_fail(err, HEXMCP_E_TOO_LARGE, "there would be more than %d columns",
                               PLAN_COLUMNS_MOST);
        status = read_pair(key, value, renames ? "rename_columns" : "add_columns", &name, &text, err);
        if (status == HEXMCP_OK)
            status = renames ? rename_one(p, name, text, err) : add_made(p, t, name, &text, err);
        free(name);
        free(text);
    }
    return status;
}

/* Objects as JSON have each name once. */
static int32_t check_names(const struct plan *p, hexmcp_error *err)
{
    for (size_t i = 0; i < p->count; i++)
        for (size_t j = i + 1; j < p->count; j++)
            if (p->names[i].len == p->names[j].len &&
                memcmp(p->names[i].ptr, p->names[j].ptr, p->names[i].len) == 0)
                return hexmcp_fail(err, HEXMCP_E_INVALID,
                                   "there would be two columns \"%.100s\"; choose other names",
                                   p->names[i].ptr);
    return HEXMCP_OK;
}

int32_t plan_make(const struct table *t, const struct request *q, struct plan *plan, hexmcp_error *err)
{
    *plan = (struct plan){0};
    if (!make_room(plan, PLAN_COLUMNS_MOST))
        return no_memory(err);
    int32_t status = choose(plan, t, q, err);
    if (status == HEXMCP_OK)
        status = each_pair(plan, t, q->rename, true, err);
    if (status == HEXMCP_OK)
        status = each_pair(plan, t, q->add, false, err);
    return status == HEXMCP_OK ? check_names(plan, err) : status;
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free((char *)(uintptr_t)p->names[i].ptr);
        free(p->from[i].template);
    }
    free(p->names);
    free(p->types);
    free(p->from);
    free(p->fields);
    free(p->ends);
    bytes_free(&p->made);
}

/* ---- rows ----------------------------------------------------------------------------------- */

static hexmcp_str field_of(const struct row *row, size_t column)
{
    return column < row->count ? row->fields[column] : (hexmcp_str){"", 0};
}

static bool make_text(struct plan *p, const struct table *t, const struct row *row, const char *template)
{
    hexmcp_str literal;
    const char *name;
    size_t len;
    bool ok = true;
    do {
        name = next_name(&template, &literal, &len);
        ok = bytes_add(&p->made, literal.ptr, literal.len);
        if (ok && name && *name) {
            hexmcp_str field = field_of(row, table_column(t, name, len));
            ok = bytes_add(&p->made, field.ptr, field.len);
        }
    } while (ok && name);
    return ok;
}

int32_t plan_row(struct plan *p, const struct table *t, const struct row *row, hexmcp_error *err)
{
    size_t begin = 0;
    p->made.len = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->from[i].template && !make_text(p, t, row, p->from[i].template))
            return no_memory(err);
        p->ends[i] = p->made.len;
    }
    for (size_t i = 0; i < p->count; begin = p->ends[i++])
        p->fields[i] = !p->from[i].template ? field_of(row, p->from[i].column)
                       : p->made.ptr ? (hexmcp_str){p->made.ptr + begin, p->ends[i] - begin}
                                     : (hexmcp_str){"", 0};
    return HEXMCP_OK;
}
