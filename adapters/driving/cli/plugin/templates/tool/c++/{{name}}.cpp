/*
 * {{title}}: a plugin for hexmcp with one tool, count_words.
 *
 * plugin.json says what clients see: the tool's name, what it is for, which arguments it takes. The
 * host checks them against that before it calls, so here `text` is there and is a string.
 */
#include <exception>
#include <string>

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

namespace {

struct Counts {
    int64_t lines = 0, words = 0, characters = 0;
};

Counts count(const std::string &text)
{
    Counts c;
    bool in_word = false;
    for (unsigned char byte : text) {
        bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
        c.words += !space && !in_word;
        in_word = !space;
        c.lines += byte == '\n';
        // UTF-8: every byte but those in the middle of a character begins one.
        c.characters += (byte & 0xC0) != 0x80;
    }
    c.lines += !text.empty() && text.back() != '\n';
    return c;
}

std::string text_of(hexmcp_str args)
{
    hexmcp_str value{nullptr, 0};
    size_t len = 0;
    hexmcp_json_get(args, "text", &value);
    hexmcp_json_string(value, nullptr, 0, &len); // asks for the length
    std::string text(len + 1, '\0');
    if (hexmcp_json_string(value, &text[0], text.size(), &len) != HEXMCP_OK)
        // The text is for the model: say what to do next.
        throw std::string("count_words needs `text`, a string");
    text.resize(len);
    return text;
}

int32_t answer(const hexmcp_host *host, hexmcp_call call, const Counts &c)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "lines", c.lines);
    hexmcp_json_put_int64(&w, "words", c.words);
    hexmcp_json_put_int64(&w, "characters", c.characters);
    hexmcp_json_end_object(&w);
    // The answer, in the form of `outputSchema`. The host adds it as text for old clients.
    int32_t status = hexmcp_complete_structured(host, call, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    return status;
}

// Runs on a worker thread, several calls at once: keep nothing in global variables. No exception may
// leave it: the host is C.
int32_t count_words(const hexmcp_host *host, hexmcp_call call, hexmcp_str, hexmcp_str args,
                    hexmcp_error *err) noexcept
{
    try {
        return answer(host, call, count(text_of(args)));
    } catch (const std::string &what) {
        return hexmcp_fail(err, HEXMCP_E_INVALID, "%s", what.c_str());
    } catch (const std::exception &e) {
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "count_words cannot count: %s", e.what());
    }
}

} // namespace

// The id and the version stand in plugin.json, too, and must be equal.
HEXMCP_SIMPLE_DEFINE("{{id}}", "0.1.0", count_words);
