/*
 * {{title}}: a plugin for hexmcp with one tool, count_words.
 *
 * plugin.json says what clients see: the tool's name, what it is for, which arguments it takes. The
 * host checks them against that before it calls, so here `text` is there and is a string.
 */
#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

struct counts {
    int64_t lines, words, characters;
};

static struct counts count(const char *text, size_t len)
{
    struct counts c = {0, 0, 0};
    int in_word = 0;
    for (size_t i = 0; i < len; i++) {
        int space = text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');
        c.words += !space && !in_word;
        in_word = !space;
        c.lines += text[i] == '\n' || i + 1 == len;
        /* UTF-8: every byte but those in the middle of a character begins one. */
        c.characters += ((unsigned char)text[i] & 0xC0) != 0x80;
    }
    return c;
}

/* Runs on a worker thread, several calls at once: keep nothing in global variables. `args` is the JSON
 * that the client sent. */
static int32_t count_words(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool,
                           hexmcp_str args, hexmcp_error *err)
{
    hexmcp_str value = {NULL, 0};
    char *text;
    size_t len;
    hexmcp_json_writer w;
    (void)tool; /* a plugin with several tools looks here which one is meant */

    hexmcp_json_get(args, "text", &value);
    if (hexmcp_json_string_dup(value, &text, &len) != HEXMCP_OK)
        /* The text is for the model: say what to do next. */
        return hexmcp_fail(err, HEXMCP_E_INVALID, "count_words needs `text`, a string");
    struct counts c = count(text, len);
    free(text);

    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "lines", c.lines);
    hexmcp_json_put_int64(&w, "words", c.words);
    hexmcp_json_put_int64(&w, "characters", c.characters);
    hexmcp_json_end_object(&w);
    /* The answer, in the form of `outputSchema`. The host adds it as text for old clients. */
    int32_t status = hexmcp_complete_structured(host, call, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    return status;
}

/* The id and the version stand in plugin.json, too, and must be equal. */
HEXMCP_SIMPLE_DEFINE("{{id}}", "0.1.0", count_words);
