#include <unistd.h>

#include "adapters/driving/cli/network/parts.h"
#include "core/base/str.h"

size_t network_size(const struct network *n, const char *key)
{
    return (size_t)config_integer(app_config(n->app), key);
}

uint64_t network_ms(const struct network *n, const char *key)
{
    return (uint64_t)config_integer(app_config(n->app), key);
}

void network_give_up(const struct network *n, const struct accepted *what, const struct error *why)
{
    const struct log_port *log = app_log(n->app);
    log->write(log->ctx, LOG_LEVEL_ERROR, STR("hexmcp"), str_from(why->text));
    close(what->fd);
    what->ended(what->lease);
}

void network_drained(void *user)
{
    (void)user;
}
