/* The first message to a helper: everything that it needs to know. */
#pragma once

#include "adapters/driven/plugin_host/record.h"
#include "adapters/driven/plugin_host/wire/codec.h"

#define WIRE_SERVICES_MAX 64u
#define WIRE_FOLDERS_MAX 256u

/* Descriptors of a helper when it begins. */
enum { HELPER_WIRE = 3, HELPER_PLUGIN = 4, HELPER_REPORT = 5, HELPER_FDS = 6 };

/* A service of the program, as the plugin's grants leave it. */
struct wire_service {
    struct str id;
    struct str missing; /* what the manifest would have to ask for; empty: it is allowed */
};

struct wire_start {
    struct str build;   /* both ends must be of the same one            */
    struct str version; /* of hexmcp                                    */
    struct str settings;
    struct str bundle;  /* path of its folder                           */
    struct str modules; /* folder of hexmcp's modules                   */
    uint64_t memory_bytes; /* of address space; 0: no limit             */
    uint32_t grace_ms;
    uint32_t workers;
    bool strict;
    bool files;      /* there is a files_port                           */
    bool schemas;    /* and a check of values                           */
    bool reads_paths, writes_paths, direct_paths;
    struct str system[16]; /* sets of public files of the system        */
    size_t system_count;
    struct str read[WIRE_FOLDERS_MAX], write[WIRE_FOLDERS_MAX]; /* that it opens by itself */
    size_t read_count, write_count;
    struct wire_service services[WIRE_SERVICES_MAX];
    size_t service_count;
    bool carries;       /* the state of the version before it follows */
    struct str carried;
    struct str record; /* of the plugin */
};

void wire_put_start(struct buffer *body, const struct wire_start *start);

/* What has been read points into the body. ST_PROTOCOL. */
int wire_get_start(struct str body, struct wire_start *out, struct error *err);

/* What the build of this program is called. */
struct str wire_build(void);
