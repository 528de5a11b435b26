#include "adapters/driving/cli/platform/hook_tells.h"

#include "core/base/str.h"
#include "core/json/writer.h"

/* Texts of an event, in the order of its members; an empty one is left out. */
struct texts {
    const struct str *at;
};

static bool read_text(void *arg, uint32_t member, struct buffer *out)
{
    const struct texts *texts = arg;
    if (texts->at[member].len == 0)
        return false;
    json_quote(out, texts->at[member]);
    return true;
}

static void tell(struct hooks *hooks, enum hook_point point, struct str target,
                 const struct hook_member *members, const struct str *texts, uint32_t count)
{
    struct texts arg = {texts};
    const struct hook_event event = {.point = point,
                                     .target = target,
                                     .members = members,
                                     .count = count,
                                     .read = read_text,
                                     .arg = &arg};
    hooks_tell(hooks, &event);
}

void hook_tell_system(struct hooks *hooks, enum hook_point point)
{
    static const struct hook_member members[] = {{"version", false}};
    const struct str texts[] = {STR(HEXMCP_VERSION)};
    if (hooks_any(hooks, point))
        tell(hooks, point, STR("hexmcp"), members, texts, 1);
}

void hook_tell_plugin(struct hooks *hooks, struct str id, bool loaded)
{
    static const struct hook_member members[] = {{"plugin", false}};
    enum hook_point point = loaded ? HOOK_PLUGIN_LOADED : HOOK_PLUGIN_FAILED;
    if (hooks_any(hooks, point))
        tell(hooks, point, id, members, &id, 1);
}

void hook_tell_reloaded(struct hooks *hooks, struct str plugin)
{
    static const struct hook_member members[] = {{"plugin", false}};
    if (hooks_any(hooks, HOOK_CONFIGURATION_CHANGE))
        tell(hooks, HOOK_CONFIGURATION_CHANGE, plugin, members, &plugin, 1);
}

struct checkpoint {
    struct str session;
    uint64_t version;
};

static bool read_checkpoint(void *arg, uint32_t member, struct buffer *out)
{
    const struct checkpoint *checkpoint = arg;
    if (member == 0)
        json_quote(out, checkpoint->session);
    else
        buffer_add_u64(out, checkpoint->version);
    return true;
}

void hook_tell_checkpoint(struct hooks *hooks, struct str session, uint64_t version)
{
    static const struct hook_member members[] = {{"session", false}, {"version", false}};
    struct checkpoint arg = {session, version};
    const struct hook_event event = {.point = HOOK_SESSION_CHECKPOINT,
                                     .target = session,
                                     .members = members,
                                     .count = 2,
                                     .read = read_checkpoint,
                                     .arg = &arg};
    if (hooks_any(hooks, HOOK_SESSION_CHECKPOINT))
        hooks_tell(hooks, &event);
}

void hook_tell_denied(struct hooks *hooks, struct str plugin, struct str what)
{
    static const struct hook_member members[] = {{"plugin", false}, {"what", false}};
    const struct str texts[] = {plugin, what};
    if (hooks_any(hooks, HOOK_SECURITY_VIOLATION))
        tell(hooks, HOOK_SECURITY_VIOLATION, plugin, members, texts, 2);
}

struct response {
    const struct traffic_event *event;
};

static const struct hook_member response_members[] = {
    {"method", false},   {"name", false},    {"wire", false}, {"protocol", false},   {"caller", false},
    {"received", false}, {"sent", false},    {"isError", false}, {"durationMs", false},
};

static bool read_response(void *arg, uint32_t member, struct buffer *out)
{
    const struct traffic_event *e = ((const struct response *)arg)->event;
    const struct str texts[] = {e->method, e->target, e->wire, e->protocol, e->caller->id};
    const uint64_t numbers[] = {e->received, e->sent, 0, e->duration_ns / 1000000u};
    if (member < 5) {
        json_quote(out, texts[member]);
        return texts[member].len > 0;
    }
    if (member == 7)
        buffer_add_str(out, e->end == TRAFFIC_RESULT ? STR("false") : STR("true"));
    else
        buffer_add_u64(out, numbers[member - 5]);
    return true;
}

static void tell_traffic(struct hooks *hooks, const struct traffic_event *e, enum hook_point point,
                         uint32_t members)
{
    struct response arg = {e};
    const struct call_context context = {.caller = e->caller};
    const struct hook_event event = {.point = point,
                                     .target = e->target.len ? e->target : e->method,
                                     .context = &context,
                                     .members = response_members,
                                     .count = members,
                                     .read = read_response,
                                     .arg = &arg};
    if (hooks_any(hooks, point))
        hooks_tell(hooks, &event);
}

void hook_tell_request(struct hooks *hooks, const struct traffic_event *e)
{
    tell_traffic(hooks, e, HOOK_REQUEST_RECEIVED, 6);
}

void hook_tell_response(struct hooks *hooks, const struct traffic_event *e)
{
    tell_traffic(hooks, e, HOOK_RESPONSE_SENT, 9);
}
