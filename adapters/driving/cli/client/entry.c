#include "adapters/driving/cli/client/entry.h"

int client_check_result(const struct client_format *format, struct str text, struct str section,
                        const struct client_entry *entry, struct error *err)
{
    struct client_found found;
    int rc = format->find(text, section, entry->name, &found, err);
    if (rc)
        return error_prefix(err, "after the change, the text ");
    bool good = found.present && str_eq(buffer_str(&found.command), entry->command);
    buffer_clear(&found.command);
    return good ? ST_OK : error_set(err, ST_CONFIG, "cannot be changed in a safe way");
}
