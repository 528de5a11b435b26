/*
 * word_count.cpp - the tool "word-count": how often each word stands in a text, in C++.
 *
 * SPDX-License-Identifier: MIT
 *
 * By the tables of the ABI, so that they can be seen; hexmcp/simple.h serves C++ as well.
 */
#include "hexmcp.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace {

using entry = std::pair<std::string, int64_t>;

bool in_word(char c)
{
    unsigned char u = static_cast<unsigned char>(c);
    return u >= 0x80 || (u >= '0' && u <= '9') || ((u | 0x20) >= 'a' && (u | 0x20) <= 'z');
}

/* Most frequent first, equal ones by name. Letters of ASCII are made small. */
std::vector<entry> count(const std::string &text)
{
    std::map<std::string, int64_t> words;
    std::string word;
    for (char c : text + " ") {
        if (in_word(c)) {
            word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        } else if (!word.empty()) {
            words[word]++;
            word.clear();
        }
    }
    std::vector<entry> sorted(words.begin(), words.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const entry &a, const entry &b) { return a.second > b.second; });
    return sorted;
}

class plugin {
public:
    explicit plugin(const hexmcp_host *host) : table(), tool(), host_(host)
    {
        table.size = static_cast<uint32_t>(sizeof(table));
        table.self = this;
        table.init = init;
        table.get_interface = get_interface;
        table.destroy = destroy;
        tool.size = static_cast<uint32_t>(sizeof(tool));
        tool.self = this;
        tool.call = call;
    }

    hexmcp_plugin table;

private:
    static int32_t init(void *, hexmcp_str, hexmcp_error *) noexcept { return HEXMCP_OK; }

    static const void *get_interface(void *self, const char *id) noexcept
    {
        return std::strcmp(id, HEXMCP_TOOL_1) == 0 ? &static_cast<plugin *>(self)->tool : nullptr;
    }

    static void destroy(void *self) noexcept { delete static_cast<plugin *>(self); }

    static int32_t call(void *self, hexmcp_call id, hexmcp_str, hexmcp_str args,
                        hexmcp_error *err) noexcept
    {
        return hexmcp::guarded(err, [&] { static_cast<plugin *>(self)->run(id, args); });
    }

    void run(hexmcp_call id, hexmcp_str args) const
    {
        std::vector<entry> words = count(hexmcp::text_argument(args, "text"));
        int64_t top = 10, different = static_cast<int64_t>(words.size());
        hexmcp_str value;
        if (hexmcp_json_get(args, "top", &value) == HEXMCP_OK &&
            hexmcp_json_int64(value, &top) != HEXMCP_OK)
            throw hexmcp::failure(HEXMCP_E_INVALID, "`top` must be a whole number");
        if (top < 0)
            throw std::out_of_range("a negative `top` came through the input schema");
        words.resize(std::min(words.size(), static_cast<size_t>(top)));
        answer(id, words, different);
    }

    void answer(hexmcp_call id, const std::vector<entry> &words, int64_t different) const
    {
        hexmcp::writer w;
        hexmcp_json_begin_object(w.get());
        hexmcp_json_put_int64(w.get(), "different", different);
        hexmcp_json_key(w.get(), "words");
        hexmcp_json_begin_array(w.get());
        for (const entry &word : words) {
            hexmcp_json_begin_object(w.get());
            hexmcp_json_put_string(w.get(), "word", hexmcp::borrow(word.first));
            hexmcp_json_put_int64(w.get(), "count", word.second);
            hexmcp_json_end_object(w.get());
        }
        hexmcp_json_end_array(w.get());
        hexmcp_json_end_object(w.get());
        int32_t status = hexmcp_complete_structured(host_, id, w.text());
        if (status != HEXMCP_OK)
            throw hexmcp::failure(status, "the host did not take the answer; try again");
    }

    hexmcp_tool_1 tool;
    const hexmcp_host *host_;
};

int32_t create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err) noexcept
{
    return hexmcp::guarded(err, [&] {
        std::unique_ptr<plugin> made(new plugin(host));
        *out = &made.release()->table; /* destroy() deletes it */
    });
}

} // namespace

HEXMCP_PLUGIN_DEFINE("hexmcp.examples.word-count", "0.1.0", create);
