#include "adapters/driving/cli/call/conversation.h"

#include <stdlib.h>

#include "adapters/driving/cli/call/field.h"
#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/show/schema_words.h"
#include "core/json/writer.h"

struct form {
    struct terminal_input *input;
    struct json schema;
    struct buffer line;
    struct buffer *values; /* one for each field: its JSON; empty: left out */
    uint32_t count;
};

void say(struct str text)
{
    plain_put(stderr, text);
    fflush(stderr);
}

/* A choice by one letter; an empty line takes the first. */
static enum reply ask_letter(struct terminal_input *input, struct buffer *line, struct str question,
                             struct str letters, char *letter)
{
    for (;;) {
        say(question);
        switch (terminal_input_line(input, line)) {
        case TYPED_INTERRUPTED:
            return REPLY_INTERRUPTED;
        case TYPED_END:
            say(STR("\n"));
            return REPLY_CANCEL;
        default:
            break;
        }
        *letter = line->len ? line->data[0] : letters.ptr[0];
        if (line->len <= 1 && memchr(letters.ptr, *letter, letters.len))
            return *letter == 'd' ? REPLY_DECLINE : *letter == 'c' ? REPLY_CANCEL : REPLY_ACCEPT;
        say(STR("Type one of the letters.\n"));
    }
}

/* True if the typed line, which may be empty, settles the field. */
static bool take_line(const struct form *form, struct json field, bool required,
                      struct buffer *value)
{
    struct error err;
    struct buffer fresh = BUFFER_INIT;
    if (form->line.len == 0) {
        if (value->len || !required)
            return true;
        say(STR("An answer is required.\n"));
        return false;
    }
    if (field_read(field, buffer_str(&form->line), &fresh, &err)) {
        say(str_from(err.text));
        say(STR("\n"));
        return false;
    }
    buffer_clear(value);
    *value = fresh;
    return true;
}

/* REPLY_ACCEPT: the field is settled. */
static enum reply ask_field(struct form *form, struct json name, struct json field,
                            struct buffer *value)
{
    bool required = schema_requires(form->schema, name);
    for (;;) {
        struct buffer question = BUFFER_INIT;
        field_ask(&question, name, field, required, buffer_str(value));
        say(buffer_str(&question));
        buffer_clear(&question);
        enum typed typed = terminal_input_line(form->input, &form->line);
        if (typed == TYPED_INTERRUPTED)
            return REPLY_INTERRUPTED;
        if (typed == TYPED_LINE && take_line(form, field, required, value))
            return REPLY_ACCEPT;
        if (typed == TYPED_LINE)
            continue;
        char letter;
        say(STR("\n"));
        enum reply reply = ask_letter(form->input, &form->line,
                                      STR("[g]o on, [d]ecline or [c]ancel? "), STR("gdc"), &letter);
        if (reply != REPLY_ACCEPT)
            return reply;
    }
}

static enum reply ask_fields(struct form *form)
{
    struct json_iter it = json_iter(json_get(form->schema, STR("properties")));
    enum reply reply = REPLY_ACCEPT;
    for (uint32_t i = 0; reply == REPLY_ACCEPT && json_next(&it); i++)
        reply = ask_field(form, it.key, it.value, &form->values[i]);
    return reply;
}

static enum reply ask_until_sent(struct form *form)
{
    char letter = 'e';
    enum reply reply = REPLY_ACCEPT;
    while (reply == REPLY_ACCEPT && letter == 'e') {
        reply = ask_fields(form);
        if (reply == REPLY_ACCEPT)
            reply = ask_letter(form->input, &form->line,
                               STR("[s]end, [e]dit, [d]ecline or [c]ancel? "), STR("sedc"),
                               &letter);
    }
    return reply;
}

/* What an empty line gives at first. */
static void set_defaults(struct form *form)
{
    struct json_iter it = json_iter(json_get(form->schema, STR("properties")));
    for (uint32_t i = 0; json_next(&it); i++)
        buffer_add_str(&form->values[i], json_text(json_get(it.value, STR("default"))));
}

static void write_content(const struct form *form, struct buffer *content)
{
    struct json_writer w = json_writer(content);
    struct json_iter it = json_iter(json_get(form->schema, STR("properties")));
    json_begin_object(&w);
    for (uint32_t i = 0; json_next(&it); i++) {
        if (!form->values[i].len)
            continue;
        json_key_raw(&w, it.key);
        json_write_raw(&w, buffer_str(&form->values[i]));
    }
    json_end_object(&w);
}

enum reply ask_form(struct terminal_input *input, struct json schema, struct buffer *content)
{
    struct form form = {.input = input, .schema = schema};
    form.count = json_count(json_get(schema, STR("properties")));
    form.values = calloc(form.count ? form.count : 1, sizeof(*form.values));
    if (!form.values)
        return REPLY_CANCEL;
    say(STR("(Enter alone keeps what is in brackets, or leaves the field out; Ctrl-D: decline or "
            "cancel.)\n"));
    set_defaults(&form);
    enum reply reply = ask_until_sent(&form);
    if (reply == REPLY_ACCEPT)
        write_content(&form, content);
    for (uint32_t i = 0; i < form.count; i++)
        buffer_clear(&form.values[i]);
    free(form.values);
    buffer_clear(&form.line);
    return reply;
}

enum reply ask_page(struct terminal_input *input)
{
    struct buffer line = BUFFER_INIT;
    char letter;
    /* No letter of consent is the first one: Enter alone must not agree to anything. */
    enum reply reply = ask_letter(input, &line, STR("Open it yourself. [y]es, I do; [d]ecline or "
                                                    "[c]ancel? "), STR("cyd"), &letter);
    buffer_clear(&line);
    return reply;
}
