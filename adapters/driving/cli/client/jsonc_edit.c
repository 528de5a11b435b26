/*
 * Adding to and taking from objects so that taking out what was added gives the old bytes back. What
 * was there shows in what is added: an empty section on one line gets its entry on that line, a
 * section that was not there stands over lines with nothing else in it.
 */
#include "adapters/driving/cli/client/jsonc_layout.h"
#include "adapters/driving/cli/client/splice.h"
#include "core/json/writer.h"

static struct json section_of(const struct jsonc *j, struct str section)
{
    return j->doc ? json_get(json_root(j->doc), section) : json_none();
}

/* ST_CONFIG unless root and section, where there are some, are objects. */
static int check_shape(const struct jsonc *j, struct str section, struct error *err)
{
    if (j->doc && json_type(json_root(j->doc)) != JSON_OBJECT)
        return error_set(err, ST_CONFIG, "holds JSON that is no object");
    struct json servers = section_of(j, section);
    if (json_exists(servers) && json_type(servers) != JSON_OBJECT)
        return error_set(err, ST_CONFIG, "has a \"%.*s\" that is no object", STR_ARG(section));
    return ST_OK;
}

static int open_text(struct str text, struct str section, struct jsonc *j, struct error *err)
{
    int rc = jsonc_parse(text, j, err);
    if (rc)
        return rc;
    rc = check_shape(j, section, err);
    if (rc)
        jsonc_clear(j);
    return rc;
}

/* --- adding ------------------------------------------------------------------------------------ */

/* A text without any value. */
static void put_all(struct str text, struct str section, const struct client_entry *entry,
                    struct buffer *out)
{
    struct layout l = layout_new(text);
    buffer_add_str(out, text);
    char last = text.len ? text.ptr[text.len - 1] : '\n';
    if (last != '\n' && last != '\r' && !str_eq(text, STR("\xEF\xBB\xBF")))
        buffer_add_str(out, l.newline);
    buffer_add_char(out, '{');
    layout_break(out, &l);
    layout_section(out, section, entry, &l);
    buffer_add_str(out, l.newline);
    buffer_add_char(out, '}');
    buffer_add_str(out, l.newline);
}

/* Behind the last member: the comma that it may lack, and `member` behind what is remarked there. */
static void put_last(const struct jsonc *j, struct json object, const struct layout *l,
                     struct str member, struct buffer *out)
{
    struct json last = json_none();
    struct json_iter it = json_iter(object);
    while (json_next(&it))
        last = it.value;
    size_t end = jsonc_end(j, last), next = jsonc_skip(j->text, end);
    bool comma = j->text.ptr[next] == ',';
    size_t at = jsonc_skip_remarks(j->text, comma ? next + 1 : end);
    struct buffer lead = BUFFER_INIT;
    if (l->lines)
        layout_break(&lead, l);
    else
        buffer_add_char(&lead, ' ');
    buffer_add_str(&lead, member);
    if (comma)
        buffer_add_char(&lead, ',');
    const struct splice edits[] = {{end, 0, comma ? STR("") : STR(",")}, {at, 0, buffer_str(&lead)}};
    splice_apply(j->text, edits, 2, out);
    out->failed |= buffer_failed(&lead);
    buffer_clear(&lead);
}

/* Into an object that has no member. */
static void put_only(const struct jsonc *j, const struct layout *l, bool lines, size_t at,
                     struct str member, struct buffer *out)
{
    struct buffer text = BUFFER_INIT;
    if (lines)
        layout_break(&text, l);
    buffer_add_str(&text, member);
    if (lines) {
        buffer_add_str(&text, l->newline);
        buffer_add_str(&text, l->closing);
    }
    const struct splice edit = {at, 0, buffer_str(&text)};
    splice_apply(j->text, &edit, 1, out);
    out->failed |= buffer_failed(&text);
    buffer_clear(&text);
}

static void put_section(const struct jsonc *j, struct str section,
                        const struct client_entry *entry, struct buffer *out)
{
    struct json root = json_root(j->doc);
    struct layout l = layout_of(j, root);
    struct buffer member = BUFFER_INIT;
    layout_section(&member, section, entry, &l);
    if (json_count(root))
        put_last(j, root, &l, buffer_str(&member), out);
    else
        put_only(j, &l, true, jsonc_begin(j, root) + 1, buffer_str(&member), out);
    out->failed |= buffer_failed(&member);
    buffer_clear(&member);
}

static void put_entry(const struct jsonc *j, struct json servers, const struct client_entry *entry,
                      struct buffer *out)
{
    struct layout l = layout_of(j, servers);
    struct buffer member = BUFFER_INIT;
    size_t inside = jsonc_begin(j, servers) + 1;
    layout_entry(&member, entry, &l, l.lines);
    if (json_count(servers))
        put_last(j, servers, &l, buffer_str(&member), out);
    else
        put_only(j, &l, l.lines, l.lines ? jsonc_skip_remarks(j->text, inside) : inside,
                 buffer_str(&member), out);
    out->failed |= buffer_failed(&member);
    buffer_clear(&member);
}

/* --- changing ---------------------------------------------------------------------------------- */

static bool same_args(struct json args, const struct client_entry *entry)
{
    struct json_iter it = json_iter(args);
    size_t at = 0;
    if (json_type(args) != JSON_ARRAY || json_count(args) != entry->arg_count)
        return false;
    while (json_next(&it))
        if (!json_is(it.value, entry->args[at++]))
            return false;
    return true;
}

static bool args_stay(struct json args, const struct client_entry *entry)
{
    return same_args(args, entry) || (entry->keep_args && json_type(args) == JSON_ARRAY &&
                                      json_is(json_at(args, 0), entry->args[0]));
}

/* Arguments in place of others, or behind the command. */
static struct splice args_edit(const struct jsonc *j, struct json server,
                               const struct client_entry *entry, struct buffer *text)
{
    struct json args = json_get(server, STR("args"));
    size_t at = jsonc_end(j, json_get(server, STR("command")));
    if (json_exists(args)) {
        layout_args(text, entry);
        return (struct splice){jsonc_begin(j, args), json_text(args).len, buffer_str(text)};
    }
    struct layout l = layout_of(j, server);
    buffer_add_char(text, ',');
    if (l.lines)
        layout_break(text, &l);
    else
        buffer_add_char(text, ' ');
    buffer_add_str(text, STR("\"args\": "));
    layout_args(text, entry);
    return (struct splice){at, 0, buffer_str(text)};
}

static int change_entry(const struct jsonc *j, struct json server, const struct client_entry *entry,
                        struct buffer *out, struct error *err)
{
    struct json command = json_get(server, STR("command"));
    if (json_type(command) != JSON_STRING)
        return error_set(err, ST_CONFIG,
                         "has an entry \"%.*s\" that starts no command; choose another --name",
                         STR_ARG(entry->name));
    struct buffer path = BUFFER_INIT, args = BUFFER_INIT;
    struct splice edits[2];
    size_t count = 0;
    if (!json_is(command, entry->command)) {
        json_quote(&path, entry->command);
        edits[count++] = (struct splice){jsonc_begin(j, command), json_text(command).len,
                                         buffer_str(&path)};
    }
    if (!args_stay(json_get(server, STR("args")), entry))
        edits[count++] = args_edit(j, server, entry, &args);
    if (count == 2 && edits[1].at < edits[0].at) {
        struct splice first = edits[1];
        edits[1] = edits[0];
        edits[0] = first;
    }
    splice_apply(j->text, edits, count, out);
    out->failed |= buffer_failed(&path) || buffer_failed(&args);
    buffer_clear(&path);
    buffer_clear(&args);
    return ST_OK;
}

/* --- taking out -------------------------------------------------------------------------------- */

/* Behind a line break at `at`; `at` if there is none. */
static size_t skip_break(struct str text, size_t at)
{
    if (text.len - at >= 2 && text.ptr[at] == '\r' && text.ptr[at + 1] == '\n')
        return at + 2;
    return at < text.len && (text.ptr[at] == '\n' || text.ptr[at] == '\r') ? at + 1 : at;
}

static size_t skip_blanks(struct str text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t'))
        at++;
    return at;
}

/* True if there is a line break and blanks between the places, and nothing else. */
static bool is_one_break(struct str text, size_t from, size_t to)
{
    size_t behind = skip_break(text, from);
    return behind > from && skip_blanks(text, behind) == to;
}

/* True if the object holds one member and space as layout_section() writes it. */
static bool is_made(const struct jsonc *j, struct json object, const struct jsonc_member *member)
{
    return json_count(object) == 1 &&
           is_one_break(j->text, jsonc_begin(j, object) + 1, jsonc_begin(j, member->key)) &&
           is_one_break(j->text, jsonc_end(j, member->value), jsonc_end(j, object) - 1);
}

/* Where the break that put_only() puts behind a member ends; `at` if it put none. */
static size_t made_break(const struct jsonc *j, struct json object, size_t at, bool root)
{
    struct layout l = layout_of(j, object);
    struct str rest = {j->text.ptr + at, j->text.len - at};
    if (!str_starts(rest, l.newline))
        return at;
    size_t behind = at + l.newline.len;
    rest = (struct str){j->text.ptr + behind, j->text.len - behind};
    if (!str_starts(rest, l.closing))
        return at;
    behind += l.closing.len;
    size_t next = skip_blanks(j->text, behind);
    bool remark = j->text.ptr[next] == '/' && jsonc_skip_remarks(j->text, next) == next;
    return root || remark || skip_break(j->text, next) > next ? behind : at;
}

/* The only member. */
static struct splice only_edit(const struct jsonc *j, struct json object,
                               const struct jsonc_member *member, bool root)
{
    size_t inside = jsonc_begin(j, object) + 1, key = jsonc_begin(j, member->key);
    size_t end = jsonc_end(j, member->value), next = jsonc_skip(j->text, end);
    size_t from = jsonc_skip_remarks(j->text, inside);
    if (j->text.ptr[next] == ',')
        return (struct splice){from, next + 1 - from, STR("")};
    if (root && is_one_break(j->text, inside, key))
        from = inside;
    if (is_one_break(j->text, from, key))
        end = made_break(j, object, end, root);
    return (struct splice){from, end - from, STR("")};
}

static void take_out(const struct jsonc *j, struct json object, const struct jsonc_member *member,
                     bool root, struct buffer *out)
{
    size_t end = jsonc_end(j, member->value), next = jsonc_skip(j->text, end);
    bool comma = j->text.ptr[next] == ',';
    if (json_count(object) == 1) {
        struct splice edit = only_edit(j, object, member, root);
        splice_apply(j->text, &edit, 1, out);
        return;
    }
    if (!json_exists(member->before)) {
        size_t from = jsonc_skip_remarks(j->text, jsonc_begin(j, object) + 1);
        const struct splice edit = {from, next + 1 - from, STR("")};
        splice_apply(j->text, &edit, 1, out);
        return;
    }
    size_t front = jsonc_skip(j->text, jsonc_end(j, member->before));
    size_t from = jsonc_skip_remarks(j->text, front + 1);
    const struct splice edits[] = {{front, comma ? 0 : 1, STR("")},
                                   {from, (comma ? next + 1 : end) - from, STR("")}};
    splice_apply(j->text, edits, 2, out);
}

/* --- the format -------------------------------------------------------------------------------- */

static int find(struct str text, struct str section, struct str name, struct client_found *found,
                struct error *err)
{
    struct jsonc j;
    int rc = open_text(text, section, &j, err);
    if (rc)
        return rc;
    struct json server = json_get(section_of(&j, section), name);
    struct client_found out = {json_exists(server), BUFFER_INIT};
    json_decode(json_get(server, STR("command")), &out.command);
    jsonc_clear(&j);
    if (buffer_failed(&out.command)) {
        buffer_clear(&out.command);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    *found = out;
    return ST_OK;
}

static int put(struct str text, struct str section, const struct client_entry *entry,
               struct buffer *out, struct error *err)
{
    struct jsonc j;
    int rc = open_text(text, section, &j, err);
    if (rc)
        return rc;
    struct json servers = section_of(&j, section), server = json_get(servers, entry->name);
    size_t begin = out->len;
    if (!j.doc)
        put_all(text, section, entry, out);
    else if (!json_exists(servers))
        put_section(&j, section, entry, out);
    else if (!json_exists(server))
        put_entry(&j, servers, entry, out);
    else
        rc = change_entry(&j, server, entry, out, err);
    jsonc_clear(&j);
    if (!rc && buffer_failed(out))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = client_check_result(&client_jsonc, buffer_part(out, begin, out->len - begin),
                                 section, entry, err);
    return rc;
}

static int remove_entry(struct str text, struct str section, struct str name, struct buffer *out,
                        struct error *err)
{
    struct jsonc j;
    int rc = open_text(text, section, &j, err);
    if (rc)
        return rc;
    struct json servers = section_of(&j, section);
    struct jsonc_member entry = jsonc_find(servers, name);
    if (!json_exists(entry.value)) {
        jsonc_clear(&j);
        return error_set(err, ST_NOT_FOUND, "has no entry \"%.*s\"", STR_ARG(name));
    }
    if (is_made(&j, servers, &entry)) {
        struct jsonc_member whole = jsonc_find(json_root(j.doc), section);
        take_out(&j, json_root(j.doc), &whole, true, out);
    } else {
        take_out(&j, servers, &entry, false, out);
    }
    jsonc_clear(&j);
    return buffer_failed(out) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

const struct client_format client_jsonc = {find, put, remove_entry};
