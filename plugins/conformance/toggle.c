/* Tools that change a list: an entry that nobody needs comes, and with the next call goes. */
#include "conformance.h"

struct waiting {
    const hexmcp_host *host;
    hexmcp_call call;
    atomic_int *toggled;
};

static const struct {
    const char *name;
    const char *definition;
} entries[] = {
    [HEXMCP_KIND_TOOL] = {"test_toggled_tool",
                          JSON({"name": "test_toggled_tool",
                                "description": "Comes and goes by test_trigger_tool_change.",
                                "inputSchema": {"type": "object", "properties": {}}})},
    [HEXMCP_KIND_PROMPT] = {"test_toggled_prompt",
                            JSON({"name": "test_toggled_prompt",
                                  "description": "Comes and goes by test_trigger_prompt_change."})},
};

/* [loop] The hexmcp_reply_fn of the catalogue. */
static void replied(void *arg, int32_t status, hexmcp_str json)
{
    struct waiting *waiting = (struct waiting *)arg;
    (void)json;
    if (status == HEXMCP_OK) {
        hexmcp_complete_text(waiting->host, waiting->call, HEXMCP_RESULT,
                             hexmcp_str_from("The list has changed"));
    } else {
        atomic_fetch_xor(waiting->toggled, 1);
        hexmcp_complete_fail(waiting->host, waiting->call, status,
                             "the list could not be changed; see the log of the server");
    }
    free(waiting);
}

static int32_t toggle(const hexmcp_round *r, uint32_t kind)
{
    const hexmcp_catalog_1 *catalog = self_of(r)->catalog;
    struct waiting *waiting = (struct waiting *)malloc(sizeof(*waiting));
    int32_t status;
    if (!waiting)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory; try again");
    *waiting = (struct waiting){r->host, r->call, &self_of(r)->toggled[kind]};
    if (atomic_fetch_xor(waiting->toggled, 1))
        status = catalog->withdraw(catalog->ctx, kind, hexmcp_str_from(entries[kind].name), replied,
                                   waiting);
    else
        status = catalog->publish(catalog->ctx, kind, hexmcp_str_from(entries[kind].definition),
                                  hexmcp_str_from(""), replied, waiting);
    if (status == HEXMCP_OK)
        return HEXMCP_PENDING;
    free(waiting);
    return hexmcp_fail(r->err, status, "the catalogue took nothing; try again later");
}

int32_t tool_toggle_tool(const hexmcp_round *r)
{
    return toggle(r, HEXMCP_KIND_TOOL);
}

int32_t tool_toggle_prompt(const hexmcp_round *r)
{
    return toggle(r, HEXMCP_KIND_PROMPT);
}
