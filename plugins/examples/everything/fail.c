/* The tool `fail`: the ways in which a call can fail. */
#include "everything.h"

static const struct {
    const char *name;
    int32_t code;
} failures[] = {
    {"generic", HEXMCP_E_GENERIC},         {"nomem", HEXMCP_E_NOMEM},
    {"invalid", HEXMCP_E_INVALID},         {"not-found", HEXMCP_E_NOT_FOUND},
    {"unsupported", HEXMCP_E_UNSUPPORTED}, {"denied", HEXMCP_E_DENIED},
    {"timeout", HEXMCP_E_TIMEOUT},         {"busy", HEXMCP_E_BUSY},
    {"unavailable", HEXMCP_E_UNAVAILABLE}, {"too-large", HEXMCP_E_TOO_LARGE},
    {"protocol", HEXMCP_E_PROTOCOL},
};

/* At once by the returned code, or later by complete(). */
static int32_t fail_with(const hexmcp_round *r, const char *name, int32_t code)
{
    char text[80];
    hexmcp_str late;
    int is_late = 0;
    snprintf(text, sizeof(text), "failed as asked, with %s", name);
    if (hexmcp_json_get(r->args, "late", &late) == HEXMCP_OK)
        hexmcp_json_bool(late, &is_late);
    if (is_late)
        return hexmcp_complete_fail(r->host, r->call, code, text);
    return hexmcp_fail(r->err, code, "%s", text);
}

int32_t tool_fail(const hexmcp_round *r)
{
    hexmcp_str how = {"", 0};
    hexmcp_json_get(r->args, "how", &how);
    if (hexmcp_json_equals(how, "result"))
        return hexmcp_complete_text(r->host, r->call, HEXMCP_TOOL_ERROR,
                                    hexmcp_str_from("failed as asked, with a result"));
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
        if (hexmcp_json_equals(how, failures[i].name))
            return fail_with(r, failures[i].name, failures[i].code);
    return hexmcp_fail(r->err, HEXMCP_E_INVALID, "`how` must be one of the words of the schema");
}
