/* The tool `echo`: one text in, one text out. */
#include "everything.h"

int32_t tool_echo(const hexmcp_round *r)
{
    hexmcp_str value;
    char *text;
    size_t len;
    int32_t status;
    if (hexmcp_json_get(r->args, "text", &value) != HEXMCP_OK ||
        hexmcp_json_string_dup(value, &text, &len) != HEXMCP_OK)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`text` must be a text");
    status = hexmcp_complete_text(r->host, r->call, HEXMCP_RESULT, (hexmcp_str){text, len});
    free(text);
    return status;
}
