/*
 * hexmcp.hpp - what a C++ plugin wants around the C interface: no exception leaves, what is begun ends.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef HEXMCP_EXAMPLE_HPP
#define HEXMCP_EXAMPLE_HPP

#include <new>
#include <stdexcept>
#include <string>

#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

namespace hexmcp {

/* A failure with a code of the ABI. */
class failure : public std::runtime_error {
public:
    failure(int32_t code, const std::string &text) : std::runtime_error(text), code_(code) {}
    int32_t code() const { return code_; }

private:
    int32_t code_;
};

/* Runs f(); what it throws becomes an error of the ABI. Every function that the host calls is one of
 * these: an exception that leaves a plugin ends the process. */
template <typename F> int32_t guarded(hexmcp_error *err, F &&f) noexcept
{
    try {
        f();
        return HEXMCP_OK;
    } catch (const failure &e) {
        return hexmcp_fail(err, e.code(), "%s", e.what());
    } catch (const std::bad_alloc &) {
        return hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    } catch (const std::exception &e) {
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "unexpected: %s", e.what());
    } catch (...) {
        return hexmcp_fail(err, HEXMCP_E_GENERIC, "unexpected, and not even a std::exception");
    }
}

/* A JSON writer that frees itself. */
class writer {
public:
    writer() { hexmcp_json_writer_init(&w_); }
    ~writer() { hexmcp_json_writer_free(&w_); }
    writer(const writer &) = delete;
    writer &operator=(const writer &) = delete;
    hexmcp_json_writer *get() { return &w_; }
    hexmcp_str text() const { return hexmcp_json_writer_text(&w_); }

private:
    hexmcp_json_writer w_;
};

inline hexmcp_str borrow(const std::string &text)
{
    hexmcp_str s = {text.data(), text.size()};
    return s;
}

/* The text of the argument `key`, which the input schema demands. */
inline std::string text_argument(hexmcp_str args, const char *key)
{
    hexmcp_str value;
    size_t len = 0;
    if (hexmcp_json_get(args, key, &value) != HEXMCP_OK ||
        hexmcp_json_string(value, nullptr, 0, &len) == HEXMCP_E_INVALID)
        throw failure(HEXMCP_E_INVALID, std::string("`") + key + "` must be a text");
    std::string text(len + 1, '\0');
    hexmcp_json_string(value, &text[0], text.size(), &len);
    text.resize(len);
    return text;
}

} // namespace hexmcp

#endif
