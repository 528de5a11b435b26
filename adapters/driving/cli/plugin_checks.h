/* What the plugin host asks of the core when it reads a manifest. */
#pragma once

#include "adapters/driven/plugin_host/manifest.h"
#include "ports/driven/regex.h"

struct plugin_checker {
    const struct regex_port *regex;
};

/* `checker` must outlive the functions. */
struct plugin_checks plugin_checker_functions(struct plugin_checker *checker);
