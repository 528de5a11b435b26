#include "adapters/driving/cli/call/field.h"

#include "adapters/driving/cli/call/choices.h"
#include "adapters/driving/cli/range.h"
#include "core/input/form.h"
#include "core/json/writer.h"

static struct str trim(struct str text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = (struct str){text.ptr + 1, text.len - 1};
    while (text.len && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

static bool is_type(struct json field, const char *type)
{
    return json_is(json_get(field, STR("type")), str_from(type));
}

/* ---- what is shown ---- */

/* "(a, b, c)": the parts between begin and end. */
struct notes {
    struct buffer *out;
    bool begun;
};

static void note(struct notes *notes, struct str text)
{
    buffer_add_str(notes->out, notes->begun ? STR(", ") : STR(" ("));
    buffer_add_str(notes->out, text);
    notes->begun = true;
}

static void note_range(struct notes *notes, struct json low, struct json high, const char *unit)
{
    struct buffer text = BUFFER_INIT;
    if (range_put(&text, low, high, unit))
        note(notes, buffer_str(&text));
    buffer_clear(&text);
}

static void note_limits(struct notes *notes, struct json field)
{
    struct json format = json_get(field, STR("format"));
    if (is_type(field, "integer"))
        note(notes, STR("whole number"));
    else if (is_type(field, "number"))
        note(notes, STR("number"));
    else if (is_type(field, "boolean"))
        note(notes, STR("y or n"));
    else if (json_exists(format))
        note(notes, (struct str){json_text(format).ptr + 1, json_text(format).len - 2});
    note_range(notes, json_get(field, STR("minimum")), json_get(field, STR("maximum")), "");
    note_range(notes, json_get(field, STR("minLength")), json_get(field, STR("maxLength")),
               " character");
    note_range(notes, json_get(field, STR("minItems")), json_get(field, STR("maxItems")),
               " choice");
}

static void show_choices(struct buffer *out, const struct choices *choices)
{
    uint32_t count = json_count(choices->list);
    for (uint32_t i = 0; i < count; i++) {
        struct choice choice = choices_at(choices, i);
        buffer_add_str(out, STR("  "));
        buffer_add_u64(out, i + 1);
        buffer_add_str(out, STR(". "));
        json_decode(json_exists(choice.title) ? choice.title : choice.value, out);
        buffer_add_char(out, '\n');
    }
}

static void show_one(struct buffer *out, const struct choices *choices, struct json value)
{
    uint32_t count = json_count(choices->list);
    for (uint32_t i = 0; i < count; i++) {
        struct choice choice = choices_at(choices, i);
        if (json_same_string(choice.value, value) && json_exists(choice.title)) {
            json_decode(choice.title, out);
            return;
        }
    }
    if (json_type(value) == JSON_STRING)
        json_decode(value, out);
    else
        buffer_add_str(out, json_text(value));
}

void field_show(struct buffer *out, struct json field, struct json value)
{
    struct choices choices = choices_of(field);
    bool yes;
    if (json_bool(value, &yes)) {
        buffer_add_str(out, yes ? STR("y") : STR("n"));
        return;
    }
    if (json_type(value) != JSON_ARRAY) {
        show_one(out, &choices, value);
        return;
    }
    struct json_iter it = json_iter(value);
    for (bool more = false; json_next(&it); more = true) {
        buffer_add_str(out, more ? STR(", ") : STR(""));
        show_one(out, &choices, it.value);
    }
}

static void show_current(struct buffer *out, struct json field, struct str current)
{
    struct json_doc *doc;
    if (!current.len || json_parse(current, &doc, NULL))
        return;
    buffer_add_str(out, STR(" ["));
    field_show(out, field, json_root(doc));
    buffer_add_char(out, ']');
    json_free(doc);
}

void field_ask(struct buffer *out, struct json name, struct json field, bool required,
               struct str current)
{
    struct json title = json_get(field, STR("title"));
    struct json description = json_get(field, STR("description"));
    struct choices choices = choices_of(field);
    if (json_exists(description)) {
        json_decode(description, out);
        buffer_add_char(out, '\n');
    }
    show_choices(out, &choices);
    json_decode(json_exists(title) ? title : name, out);
    struct notes notes = {.out = out};
    note_limits(&notes, field);
    if (json_exists(choices.list))
        note(&notes, choices.several ? STR("with commas between") : STR("one of them"));
    if (required && !current.len)
        note(&notes, STR("required"));
    buffer_add_str(out, notes.begun ? STR(")") : STR(""));
    show_current(out, field, current);
    buffer_add_str(out, STR(": "));
}

/* ---- what a line means ---- */

static int read_bool(struct str line, struct buffer *value, struct error *err)
{
    static const char *const yes[] = {"y", "Y", "yes", "true"}, *const no[] = {"n", "N", "no",
                                                                                "false"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        bool is_yes = str_eq(line, str_from(yes[i]));
        if (!is_yes && !str_eq(line, str_from(no[i])))
            continue;
        buffer_add_str(value, is_yes ? STR("true") : STR("false"));
        return ST_OK;
    }
    return error_set(err, ST_INVALID, "answer y or n");
}

static int read_number(struct str line, struct buffer *value, struct error *err)
{
    struct json_doc *doc;
    if (json_parse(line, &doc, NULL))
        return error_set(err, ST_INVALID, "\"%.*s\" is no number", STR_ARG(line));
    bool number = json_type(json_root(doc)) == JSON_NUMBER;
    json_free(doc);
    if (!number)
        return error_set(err, ST_INVALID, "\"%.*s\" is no number", STR_ARG(line));
    buffer_add_str(value, line);
    return ST_OK;
}

static int read_one_choice(const struct choices *choices, struct str typed, struct buffer *value,
                           struct error *err)
{
    uint32_t index;
    if (!choices_find(choices, typed, &index))
        return error_set(err, ST_INVALID, "\"%.*s\" is none of the choices; type a number from 1 "
                                          "to %u", STR_ARG(typed), json_count(choices->list));
    buffer_add_str(value, json_text(choices_at(choices, index).value));
    return ST_OK;
}

static int read_choices(const struct choices *choices, struct str line, struct buffer *value,
                        struct error *err)
{
    int rc = ST_OK;
    buffer_add_char(value, '[');
    for (bool more = false; !rc && line.len; more = true) {
        const char *comma = memchr(line.ptr, ',', line.len);
        size_t len = comma ? (size_t)(comma - line.ptr) : line.len;
        if (more)
            buffer_add_char(value, ',');
        rc = read_one_choice(choices, trim((struct str){line.ptr, len}), value, err);
        len += comma ? 1 : 0;
        line = (struct str){line.ptr + len, line.len - len};
    }
    buffer_add_char(value, ']');
    return rc;
}

static int read_value(struct json field, struct str line, struct buffer *value, struct error *err)
{
    struct choices choices = choices_of(field);
    if (choices.several)
        return read_choices(&choices, trim(line), value, err);
    if (json_exists(choices.list))
        return read_one_choice(&choices, trim(line), value, err);
    if (is_type(field, "boolean"))
        return read_bool(trim(line), value, err);
    if (is_type(field, "number") || is_type(field, "integer"))
        return read_number(trim(line), value, err);
    json_quote(value, line);
    return ST_OK;
}

int field_read(struct json field, struct str line, struct buffer *value, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_doc *doc = NULL;
    int rc = read_value(field, line, &text, err);
    if (!rc && buffer_failed(&text))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc)
        rc = json_parse(buffer_str(&text), &doc, err);
    if (!rc)
        rc = form_check_value(field, json_root(doc), err);
    if (!rc)
        buffer_add_str(value, buffer_str(&text));
    json_free(doc);
    buffer_clear(&text);
    return rc;
}
