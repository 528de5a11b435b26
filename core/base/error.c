#include "core/base/error.h"

#include <stdio.h>
#include <string.h>

/* snprintf may have cut a UTF-8 sequence in two: take the started one away. */
static void drop_partial_character(char *text)
{
    size_t len = strlen(text);
    if (len + 1 < ERROR_TEXT_SIZE)
        return;
    size_t start = len;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (len - (start - 1) < need)
        text[start - 1] = '\0';
}

int error_set(struct error *err, int code, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof(err->text), format, args);
        va_end(args);
        drop_partial_character(err->text);
        err->code = code;
    }
    return code;
}

int error_prefix(struct error *err, const char *format, ...)
{
    char joined[ERROR_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    int used = vsnprintf(joined, sizeof(joined), format, args);
    va_end(args);
    if (used >= 0 && (size_t)used < sizeof(joined))
        snprintf(joined + used, sizeof(joined) - (size_t)used, "%s", err->text);
    memcpy(err->text, joined, sizeof(joined));
    drop_partial_character(err->text);
    return err->code;
}

const char *error_code_name(int code)
{
    static const char *const names[] = {
        "ok",          "internal", "out_of_memory", "invalid", "not_found",
        "unsupported", "denied",   "cancelled",     "timeout", "busy",
        "unavailable", "too_large", "protocol",     "config",
    };
    size_t index = code <= 0 ? (size_t)-code : 0;
    return index < sizeof(names) / sizeof(names[0]) ? names[index] : "unknown";
}
