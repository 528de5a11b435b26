#include <stdio.h>

#include "core/call/call.h"
#include "core/registry/registry.h"

const char *call_subject(const struct call *call, char text[CALL_SUBJECT_SIZE])
{
    static const char *const kinds[ITEM_KINDS] = {"tool", "resource", "resource", "prompt"};
    const struct item *item = call->item->definition;
    struct str name = call->request.action == ACTION_READ ? call->request.target : item->name;
    size_t width = name.len > CALL_SUBJECT_SIZE - 32 ? CALL_SUBJECT_SIZE - 32 : name.len;
    while (width < name.len && ((unsigned char)name.ptr[width] & 0xC0) == 0x80)
        width--;
    const char *what = call->request.action == ACTION_COMPLETE ? "the completion of " : "";
    snprintf(text, CALL_SUBJECT_SIZE, "%s%s \"%.*s\"", what, kinds[item->kind], (int)width, name.ptr);
    return text;
}
