/* Where log lines of the process go. Never the wire. */
#pragma once

#include "ports/types.h"

struct log_port {
    void *ctx;
    /* [any] One line from `component` (a part of hexmcp or a plugin id). `text` holds no secrets.
     * Lines below the configured level are dropped. */
    void (*write)(void *ctx, enum log_level level, struct str component, struct str text);
};
