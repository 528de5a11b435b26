/* Servers in TOML: a table [section.name] each, the new one at the end of the text. */
#include "adapters/driving/cli/client/entry.h"
#include "adapters/driving/cli/client/splice.h"
#include "adapters/driving/cli/client/toml_value.h"

#define MAX_REGIONS 16

/* A stretch of the text, without the remarks behind it. */
struct region {
    size_t begin, end;
};

/* Where the entry is. */
struct places {
    struct region regions[MAX_REGIONS]; /* its table and the ones in it */
    size_t region_count;
    bool present, has_command, has_args;
    struct region command, args; /* the values */
    size_t command_line_end;
};

/* What the scan is looking for, and the table that it is in. */
struct search {
    struct str section, name;
    enum { ELSEWHERE, AT_ROOT, IN_SECTION, IN_ENTRY, BELOW_ENTRY } where;
};

static bool part_is(const struct toml_key *key, size_t index, struct str text)
{
    return index < key->count && str_eq(toml_part(key, index), text);
}

static int cannot_edit(const struct search *s, const struct toml_item *item, struct error *err)
{
    return error_set(err, ST_CONFIG,
                     "has \"%.*s\" in a form that cannot be edited (line %zu); write each server as a "
                     "table [%.*s.NAME]",
                     STR_ARG(s->section), item->line, STR_ARG(s->section));
}

static int see_table(struct search *s, const struct toml_item *item, struct places *p,
                     struct error *err)
{
    const struct toml_key *key = &item->key;
    s->where = ELSEWHERE;
    if (!part_is(key, 0, s->section))
        return ST_OK;
    if (key->count == 1)
        s->where = IN_SECTION;
    else if (part_is(key, 1, s->name))
        s->where = key->count == 2 ? IN_ENTRY : BELOW_ENTRY;
    if (s->where == ELSEWHERE)
        return ST_OK;
    bool twice = s->where == IN_ENTRY && p->present;
    if (twice || (item->kind == TOML_ARRAY && key->count <= 2) || p->region_count == MAX_REGIONS)
        return cannot_edit(s, item, err);
    if (s->where != IN_SECTION)
        p->regions[p->region_count++] = (struct region){item->begin, item->line_end};
    p->present |= s->where == IN_ENTRY;
    return ST_OK;
}

static int see_pair(const struct search *s, const struct toml_item *item, struct places *p,
                    struct error *err)
{
    const struct toml_key *key = &item->key;
    if ((s->where == AT_ROOT && part_is(key, 0, s->section)) ||
        (s->where == IN_SECTION && part_is(key, 0, s->name)))
        return cannot_edit(s, item, err);
    if (s->where != IN_ENTRY && s->where != BELOW_ENTRY)
        return ST_OK;
    p->regions[p->region_count - 1].end = item->line_end;
    if (s->where == BELOW_ENTRY || key->count != 1)
        return ST_OK;
    if (part_is(key, 0, STR("command"))) {
        p->has_command = true;
        p->command = (struct region){item->value, item->end};
        p->command_line_end = item->line_end;
    } else if (part_is(key, 0, STR("args"))) {
        p->has_args = true;
        p->args = (struct region){item->value, item->end};
    }
    return ST_OK;
}

static int look(struct str text, struct str section, struct str name, struct places *p,
                struct error *err)
{
    struct search s = {section, name, AT_ROOT};
    struct toml_reader r = toml_open(text);
    struct toml_item item;
    *p = (struct places){.region_count = 0};
    int rc = toml_next(&r, &item, err);
    while (rc > 0) {
        rc = item.kind == TOML_PAIR ? see_pair(&s, &item, p, err) : see_table(&s, &item, p, err);
        if (!rc)
            rc = toml_next(&r, &item, err);
    }
    if (!rc && p->region_count && !p->present)
        return error_set(err, ST_CONFIG, "has tables below [%.*s.%.*s] and not that table",
                         STR_ARG(section), STR_ARG(name));
    return rc;
}

static int find(struct str text, struct str section, struct str name, struct client_found *found,
                struct error *err)
{
    struct places p;
    int rc = look(text, section, name, &p, err);
    if (rc)
        return rc;
    struct client_found out = {p.present, BUFFER_INIT};
    if (p.has_command && !toml_string(text, p.command.begin, &out.command))
        buffer_reset(&out.command, 0);
    if (buffer_failed(&out.command)) {
        buffer_clear(&out.command);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *found = out;
    return ST_OK;
}

/* --- adding and changing ----------------------------------------------------------------------- */

static void write_args(struct buffer *out, const struct client_entry *entry)
{
    buffer_add_str(out, STR("args = ["));
    for (size_t i = 0; i < entry->arg_count; i++) {
        if (i)
            buffer_add_str(out, STR(", "));
        toml_quote(out, entry->args[i]);
    }
    buffer_add_char(out, ']');
}

static bool is_bare_key(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            c != '_' && c != '-')
            return false;
    }
    return name.len > 0;
}

static bool is_empty(struct str text)
{
    return text.len == 0 || str_eq(text, STR("\xEF\xBB\xBF"));
}

/* A text whose last line has no end gets a table whose last line has none. */
static void put_table(struct str text, struct str section, const struct client_entry *entry,
                      struct buffer *out)
{
    struct str newline = text_newline(text);
    bool open_end = !is_empty(text) && text.ptr[text.len - 1] != '\n';
    buffer_add_str(out, text);
    if (!is_empty(text))
        buffer_add_str(out, newline);
    if (open_end)
        buffer_add_str(out, newline);
    buffer_add_char(out, '[');
    buffer_add_str(out, section);
    buffer_add_char(out, '.');
    if (is_bare_key(entry->name))
        buffer_add_str(out, entry->name);
    else
        toml_quote(out, entry->name);
    buffer_add_char(out, ']');
    buffer_add_str(out, newline);
    buffer_add_str(out, STR("command = "));
    toml_quote(out, entry->command);
    buffer_add_str(out, newline);
    write_args(out, entry);
    if (!open_end)
        buffer_add_str(out, newline);
}

/* Compares the strings of an array with the arguments; how many are the same in the beginning. *all:
 * there are no more on either side. */
static size_t same_args(struct str text, size_t at, const struct client_entry *entry, bool *all)
{
    size_t same = 0;
    *all = false;
    if (text.ptr[at] != '[')
        return 0;
    for (at++;;) {
        struct buffer word = BUFFER_INIT;
        toml_skip_lines(text, &at);
        if (text.ptr[at] == ']') {
            *all = same == entry->arg_count;
            return same;
        }
        bool string = text.ptr[at] == '"' || text.ptr[at] == '\'';
        bool equal = string && same < entry->arg_count &&
                     toml_take_string(text, &at, true, &word) &&
                     str_eq(buffer_str(&word), entry->args[same]);
        buffer_clear(&word);
        if (!equal)
            return same;
        same++;
        toml_skip_lines(text, &at);
        if (text.ptr[at] == ',')
            at++;
    }
}

static bool args_stay(struct str text, const struct places *p, const struct client_entry *entry)
{
    bool all;
    size_t same = p->has_args ? same_args(text, p->args.begin, entry, &all) : 0;
    return p->has_args && (all || (entry->keep_args && same > 0));
}

/* Arguments in place of others, or on a line behind that of the command. */
static struct splice args_edit(struct str text, const struct places *p,
                               const struct client_entry *entry, struct buffer *line)
{
    struct str newline = text_newline(text);
    if (p->has_args) {
        write_args(line, entry);
        buffer_drop_front(line, sizeof("args = ") - 1);
        return (struct splice){p->args.begin, p->args.end - p->args.begin, buffer_str(line)};
    }
    bool open_end = text.ptr[p->command_line_end - 1] != '\n';
    if (open_end)
        buffer_add_str(line, newline);
    write_args(line, entry);
    if (!open_end)
        buffer_add_str(line, newline);
    return (struct splice){p->command_line_end, 0, buffer_str(line)};
}

static int change_table(struct str text, const struct places *p, const struct client_entry *entry,
                        struct buffer *out, struct error *err)
{
    struct buffer path = BUFFER_INIT, args = BUFFER_INIT, now = BUFFER_INIT;
    struct splice edits[2];
    size_t count = 0;
    if (!p->has_command || !toml_string(text, p->command.begin, &now)) {
        buffer_clear(&now);
        return error_set(err, ST_CONFIG,
                         "has an entry \"%.*s\" that starts no command; choose another --name",
                         STR_ARG(entry->name));
    }
    if (!str_eq(buffer_str(&now), entry->command)) {
        toml_quote(&path, entry->command);
        edits[count++] = (struct splice){p->command.begin, p->command.end - p->command.begin,
                                         buffer_str(&path)};
    }
    if (!args_stay(text, p, entry))
        edits[count++] = args_edit(text, p, entry, &args);
    if (count == 2 && edits[1].at < edits[0].at) {
        struct splice first = edits[1];
        edits[1] = edits[0];
        edits[0] = first;
    }
    splice_apply(text, edits, count, out);
    out->failed |= buffer_failed(&path) || buffer_failed(&args) || buffer_failed(&now);
    buffer_clear(&path);
    buffer_clear(&args);
    buffer_clear(&now);
    return ST_OK;
}

static int put(struct str text, struct str section, const struct client_entry *entry,
               struct buffer *out, struct error *err)
{
    struct places p;
    size_t begin = out->len;
    int rc = look(text, section, entry->name, &p, err);
    if (rc)
        return rc;
    if (p.present)
        rc = change_table(text, &p, entry, out, err);
    else
        put_table(text, section, entry, out);
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = client_check_result(&client_toml, buffer_part(out, begin, out->len - begin),
                                 section, entry, err);
    return rc;
}

/* --- taking out -------------------------------------------------------------------------------- */

/* The place in front of the line break that ends at `at`; `at` if there is none. */
static size_t before_break(struct str text, size_t at)
{
    if (at == 0 || text.ptr[at - 1] != '\n')
        return at;
    return at > 1 && text.ptr[at - 2] == '\r' ? at - 2 : at - 1;
}

/* With the empty line in front of it, as put_table() writes one. `from` is the end of the region
 * before. */
static struct splice region_edit(struct str text, const struct region *region, size_t from)
{
    size_t begin = region->begin, line = before_break(text, begin);
    bool empty_line = line < begin && (line == 0 || text.ptr[line - 1] == '\n');
    if (empty_line)
        begin = line;
    if (text.ptr[region->end - 1] != '\n')
        begin = before_break(text, begin);
    if (begin < from)
        begin = from;
    return (struct splice){begin, region->end - begin, STR("")};
}

static int remove_entry(struct str text, struct str section, struct str name, struct buffer *out,
                        struct error *err)
{
    struct places p;
    struct splice edits[MAX_REGIONS];
    int rc = look(text, section, name, &p, err);
    if (rc)
        return rc;
    if (!p.present)
        return error_set(err, ST_NOT_FOUND, "has no entry \"%.*s\"", STR_ARG(name));
    for (size_t i = 0; i < p.region_count; i++)
        edits[i] = region_edit(text, &p.regions[i], i ? p.regions[i - 1].end : 0);
    splice_apply(text, edits, p.region_count, out);
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

const struct client_format client_toml = {find, put, remove_entry};
