#include <stdio.h>

#include "core/call/call.h"
#include "core/registry/registry.h"

const char *call_subject(const struct call *call, char text[CALL_SUBJECT_SIZE])
{
    static const char *const kinds[ITEM_KINDS] = {"tool", "resource", "resource", "prompt"};
    const struct item *item = call->item->definition;
    struct str name = call->request.action == ACTION_READ ? call->request.target : item->name;
    int width = name.len > CALL_SUBJECT_SIZE - 32 ? CALL_SUBJECT_SIZE - 32 : (int)name.len;
    const char *what = call->request.action == ACTION_COMPLETE ? "the completion of " : "";
    snprintf(text, CALL_SUBJECT_SIZE, "%s%s \"%.*s\"", what, kinds[item->kind], width, name.ptr);
    return text;
}
