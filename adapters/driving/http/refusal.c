#include "adapters/driving/http/refusal.h"

#include <stdarg.h>
#include <stdio.h>

#define INVALID_REQUEST "-32600"
#define INTERNAL_ERROR "-32603"

bool refuse(struct refusal *r, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(r->message, sizeof(r->message), format, args);
    va_end(args);
    r->status = status;
    return false;
}

/* What came from the client may be anything; what is not plain text is shown as "?". */
static void add_text(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, *text >= ' ' && *text <= '~' ? *text : '?');
    }
}

void refusal_body(int status, const char *message, struct buffer *out)
{
    buffer_add_str(out, STR("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":"));
    buffer_add_str(out, status >= 500 ? STR(INTERNAL_ERROR) : STR(INVALID_REQUEST));
    buffer_add_str(out, STR(",\"message\":\""));
    add_text(out, message);
    buffer_add_str(out, STR("\"}}"));
}
