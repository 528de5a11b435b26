#include <stdio.h>

#include "adapters/driving/cli/plain.h"
#include "adapters/driving/cli/sessions/sessions.h"
#include "adapters/driving/cli/show/page.h"

#define ID_WIDTH 37
#define TYPE_WIDTH 26

static struct str text_of(struct json value, struct buffer *scratch)
{
    struct str text = {"", 0};
    scratch->len = 0;
    if (!json_string(value, scratch, &text))
        text = json_text(value);
    return text;
}

static void add(struct buffer *line, struct json object, const char *name)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = text_of(json_get(object, str_from(name)), &scratch);
    if (line->len && text.len)
        buffer_add_str(line, STR("  "));
    buffer_add_str(line, text);
    buffer_clear(&scratch);
}

static void print_row(const struct page *page, struct str name, unsigned width,
                      struct buffer *line)
{
    page_row(page, name, width, buffer_str(line));
    buffer_clear(line);
}

void sessions_print_list(struct json answer)
{
    struct json_iter it = json_iter(json_get(answer, STR("sessions")));
    const struct page page = page_open();
    struct buffer scratch = BUFFER_INIT;
    while (json_next(&it)) {
        struct buffer line = BUFFER_INIT;
        add(&line, it.value, "activeAt");
        add(&line, it.value, "status");
        add(&line, it.value, "title");
        print_row(&page, text_of(json_get(it.value, STR("id")), &scratch), ID_WIDTH, &line);
    }
    buffer_clear(&scratch);
}

/* The texts of a message's parts, or the target of a call. */
static void add_content(struct buffer *line, struct json data)
{
    struct json_iter it = json_iter(json_get(data, STR("parts")));
    add(line, data, "role");
    while (json_next(&it))
        add(line, it.value, "text");
    add(line, data, "target");
    add(line, data, "arguments");
    add(line, data, "title");
}

void sessions_print_history(struct json answer)
{
    struct json_iter it = json_iter(json_get(answer, STR("items")));
    const struct page page = page_open();
    struct buffer scratch = BUFFER_INIT;
    while (json_next(&it)) {
        struct buffer line = BUFFER_INIT, name = BUFFER_INIT;
        struct json returned = json_get(json_get(it.value, STR("returned")), STR("data"));
        add(&name, it.value, "version");
        add(&name, it.value, "type");
        add_content(&line, json_get(it.value, STR("data")));
        add(&line, returned, "end");
        print_row(&page, buffer_str(&name), TYPE_WIDTH, &line);
        buffer_clear(&name);
    }
    buffer_clear(&scratch);
}

void sessions_print_hits(struct json answer)
{
    struct json_iter it = json_iter(json_get(answer, STR("hits")));
    const struct page page = page_open();
    struct buffer scratch = BUFFER_INIT;
    while (json_next(&it)) {
        struct buffer line = BUFFER_INIT;
        add(&line, it.value, "version");
        add(&line, it.value, "title");
        struct json first = json_at(json_get(it.value, STR("highlights")), 0);
        if (json_exists(first)) {
            struct buffer text = BUFFER_INIT;
            buffer_add_str(&line, STR("  "));
            buffer_add_str(&line, text_of(first, &text));
            buffer_clear(&text);
        }
        print_row(&page, text_of(json_get(it.value, STR("session")), &scratch), ID_WIDTH, &line);
    }
    buffer_clear(&scratch);
}
