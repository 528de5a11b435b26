#include "adapters/driving/cli/client/jsonc_layout.h"

#include "adapters/driving/cli/client/splice.h"
#include "core/json/writer.h"

static size_t line_start(struct str text, size_t at)
{
    while (at > 0 && text.ptr[at - 1] != '\n' && text.ptr[at - 1] != '\r')
        at--;
    return at;
}

/* The space at the begin of the line of `at`. */
static struct str leading_space(struct str text, size_t at)
{
    size_t start = line_start(text, at), end = start;
    while (end < at && (text.ptr[end] == ' ' || text.ptr[end] == '\t'))
        end++;
    return (struct str){text.ptr + start, end - start};
}

static bool has_break(struct str text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (text.ptr[i] == '\n' || text.ptr[i] == '\r')
            return true;
    return false;
}

static bool is_first_on_line(struct str text, size_t at)
{
    return line_start(text, at) + leading_space(text, at).len == at;
}

/* The members at both ends of an object that has some. */
struct ends {
    struct json first_key, last_key, last_value;
};

static struct ends ends_of(struct json object)
{
    struct json_iter it = json_iter(object);
    struct ends ends = {json_none(), json_none(), json_none()};
    while (json_next(&it)) {
        if (!json_exists(ends.first_key))
            ends.first_key = it.key;
        ends.last_key = it.key;
        ends.last_value = it.value;
    }
    return ends;
}

/* What stands in front of the first member of the whole text, two spaces if that is nothing. */
static struct str unit_of(const struct jsonc *j)
{
    struct json_iter it = json_iter(json_root(j->doc));
    if (json_next(&it)) {
        size_t at = jsonc_begin(j, it.key);
        struct str space = leading_space(j->text, at);
        if (space.len && is_first_on_line(j->text, at))
            return space;
    }
    return STR("  ");
}

struct layout layout_of(const struct jsonc *j, struct json object)
{
    size_t begin = jsonc_begin(j, object), end = jsonc_end(j, object) - 1;
    struct layout l = {.newline = text_newline(j->text), .unit = unit_of(j)};
    l.closing = leading_space(j->text, begin);
    l.indent = l.closing;
    l.deeper = l.unit;
    struct ends ends = ends_of(object);
    if (!json_exists(ends.first_key)) {
        l.lines = has_break(j->text, begin, end);
        return l;
    }
    l.lines = has_break(j->text, begin, jsonc_begin(j, ends.first_key)) ||
              has_break(j->text, jsonc_end(j, ends.last_value), end);
    size_t key = jsonc_begin(j, ends.last_key);
    if (is_first_on_line(j->text, key)) {
        l.indent = leading_space(j->text, key);
        l.deeper = STR("");
    }
    return l;
}

struct layout layout_new(struct str text)
{
    return (struct layout){.lines = true, .newline = text_newline(text), .unit = STR("  "),
                           .closing = STR(""), .indent = STR(""), .deeper = STR("  ")};
}

/* A line break and the indentation of members, `levels` further in. */
static void break_line(struct buffer *out, const struct layout *l, int levels)
{
    buffer_add_str(out, l->newline);
    buffer_add_str(out, l->indent);
    buffer_add_str(out, l->deeper);
    for (int i = 0; i < levels; i++)
        buffer_add_str(out, l->unit);
}

void layout_break(struct buffer *out, const struct layout *layout)
{
    break_line(out, layout, 0);
}

void layout_args(struct buffer *out, const struct client_entry *entry)
{
    buffer_add_char(out, '[');
    for (size_t i = 0; i < entry->arg_count; i++) {
        if (i)
            buffer_add_str(out, STR(", "));
        json_quote(out, entry->args[i]);
    }
    buffer_add_char(out, ']');
}

static void write_member(struct buffer *out, struct str key, const struct layout *l, int levels,
                         bool first)
{
    if (!first)
        buffer_add_char(out, ',');
    if (levels >= 0)
        break_line(out, l, levels);
    else if (!first)
        buffer_add_char(out, ' ');
    json_quote(out, key);
    buffer_add_str(out, STR(": "));
}

/* `levels` is how far in the entry stands; -1: all on one line. */
static void write_entry(struct buffer *out, const struct client_entry *entry,
                        const struct layout *l, int levels)
{
    int inner = levels < 0 ? -1 : levels + 1;
    json_quote(out, entry->name);
    buffer_add_str(out, STR(": {"));
    if (entry->typed) {
        write_member(out, STR("type"), l, inner, true);
        buffer_add_str(out, STR("\"stdio\""));
    }
    write_member(out, STR("command"), l, inner, !entry->typed);
    json_quote(out, entry->command);
    write_member(out, STR("args"), l, inner, false);
    layout_args(out, entry);
    if (levels >= 0)
        break_line(out, l, levels);
    buffer_add_char(out, '}');
}

void layout_entry(struct buffer *out, const struct client_entry *entry, const struct layout *outer,
                  bool lines)
{
    write_entry(out, entry, outer, lines ? 0 : -1);
}

void layout_section(struct buffer *out, struct str section, const struct client_entry *entry,
                    const struct layout *outer)
{
    json_quote(out, section);
    buffer_add_str(out, STR(": {"));
    break_line(out, outer, 1);
    write_entry(out, entry, outer, 1);
    break_line(out, outer, 0);
    buffer_add_char(out, '}');
}
