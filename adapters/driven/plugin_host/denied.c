/* Telling of what a plugin tried and was not granted. */
#include <stdio.h>

#include "adapters/driven/plugin_host/host.h"
#include "core/json/json.h"
#include "ports/driven/service.h"

bool plugin_denied(const struct plugin *p, const char *format, ...)
{
    const struct denials_port *port = p->host->config.denials;
    char text[ERROR_TEXT_SIZE + 64];
    va_list args;
    if (!port)
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    port->denied(port->ctx, plugin_id(p), str_from(text));
    return true;
}

void plugin_denied_event(const struct plugin *p, const char *service,
                         const struct service_event *event)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_doc *doc;
    struct str message;
    /* In a helper the program sees it, too, and does not take the helper's word for it. */
    if (!event->last || event->status != ST_DENIED || !p->host->config.denials ||
        p->host->offer_exit || json_parse(event->text, &doc, NULL))
        return;
    if (json_string(json_get(json_root(doc), STR("message")), &scratch, &message))
        plugin_denied(p, "was refused by %s: %.*s", service, STR_ARG(message));
    json_free(doc);
    buffer_clear(&scratch);
}
