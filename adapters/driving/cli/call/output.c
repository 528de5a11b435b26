#include "adapters/driving/cli/call/output.h"

#include <stdio.h>
#include <unistd.h>

#include "adapters/driving/cli/plain.h"
#include "core/base/base64.h"
#include "core/json/writer.h"

static void print_text(struct str text)
{
    if (isatty(STDOUT_FILENO))
        plain_print(text);
    else
        fwrite(text.ptr, 1, text.len, stdout);
}

static void print_line(struct str text)
{
    print_text(text);
    if (text.len == 0 || text.ptr[text.len - 1] != '\n')
        putchar('\n');
}

static bool print_string(struct json value)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    bool is_string = json_string(value, &scratch, &text);
    if (is_string)
        print_line(text);
    buffer_clear(&scratch);
    return is_string;
}

static void print_raw_line(struct json value)
{
    struct buffer line = BUFFER_INIT;
    json_copy_line(&line, json_text(value));
    print_line(buffer_str(&line));
    buffer_clear(&line);
}

/* What is not text is named by type and size, so that a terminal stays readable. */
static void print_block(struct json block)
{
    struct json type = json_get(block, STR("type"));
    struct json embedded = json_get(json_get(block, STR("resource")), STR("text"));
    if (json_is(type, STR("text")) && print_string(json_get(block, STR("text"))))
        return;
    if (print_string(embedded))
        return;
    struct buffer note = BUFFER_INIT;
    buffer_add_char(&note, '[');
    json_decode(type, &note);
    buffer_add_char(&note, ' ');
    json_decode(json_get(block, STR("mimeType")), &note);
    buffer_add_str(&note, STR(", "));
    buffer_add_u64(&note, json_text(block).len);
    buffer_add_str(&note, STR(" bytes of JSON; --json shows it]"));
    print_line(buffer_str(&note));
    buffer_clear(&note);
}

static void print_tool_result(struct json result)
{
    struct json content = json_get(result, STR("content"));
    struct json_iter it = json_iter(content);
    while (json_next(&it))
        print_block(it.value);
    if (!json_exists(content))
        print_raw_line(json_get(result, STR("structuredContent")));
}

/* ---- contents of a resource ---- */

static void print_blob(struct json content)
{
    struct buffer encoded = BUFFER_INIT, bytes = BUFFER_INIT;
    struct str text;
    bool decoded = json_string(json_get(content, STR("blob")), &encoded, &text) &&
                   base64_decode(text, &bytes);
    if (!decoded)
        puts("[bytes that are no base64; --json shows them]");
    else if (isatty(STDOUT_FILENO))
        printf("[%zu bytes; send the output to a file to keep them]\n", bytes.len);
    else
        fwrite(bytes.data, 1, bytes.len, stdout);
    buffer_clear(&encoded);
    buffer_clear(&bytes);
}

static void print_title(struct json content)
{
    struct buffer title = BUFFER_INIT;
    buffer_add_str(&title, STR("--- "));
    json_decode(json_get(content, STR("uri")), &title);
    buffer_add_char(&title, ' ');
    json_decode(json_get(content, STR("mimeType")), &title);
    print_line(buffer_str(&title));
    buffer_clear(&title);
}

/* One content is the whole output, so that it can be sent to a file: its text gets no line end but
 * on a terminal. */
static void print_content(struct json content, bool alone)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (!alone)
        print_title(content);
    if (!json_string(json_get(content, STR("text")), &scratch, &text))
        print_blob(content);
    else if (alone && !isatty(STDOUT_FILENO))
        print_text(text);
    else
        print_line(text);
    if (!alone && !json_exists(json_get(content, STR("text"))) && !isatty(STDOUT_FILENO))
        putchar('\n');
    buffer_clear(&scratch);
}

static void print_contents(struct json result)
{
    struct json contents = json_get(result, STR("contents"));
    struct json_iter it = json_iter(contents);
    while (json_next(&it))
        print_content(it.value, json_count(contents) == 1);
}

static void print_messages(struct json result)
{
    struct json_iter it = json_iter(json_get(result, STR("messages")));
    while (json_next(&it)) {
        struct str role;
        if (json_plain(json_get(it.value, STR("role")), &role))
            printf("%.*s:\n", STR_ARG(role));
        print_block(json_get(it.value, STR("content")));
    }
}

void output_result(enum action action, struct json result, bool as_json)
{
    if (as_json)
        print_raw_line(result);
    else if (action == ACTION_READ)
        print_contents(result);
    else if (action == ACTION_RENDER)
        print_messages(result);
    else
        print_tool_result(result);
}
