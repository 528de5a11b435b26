/* The folders that a call may touch. The policy makes them, whoever opens files enforces them. */
#pragma once

#include "ports/types.h"

/* One folder. Paths are absolute and clean: see core/base/path.h. */
struct path_grant {
    struct str folder;  /* as the operator named it                                              */
    struct str real;    /* the same without links, as it was when it was granted                 */
    struct str beneath; /* relative to it: all that the client's roots leave; empty: all of it   */
    bool write;         /* change what is there, not only read it                                */
};

struct path_grants {
    const struct path_grant *at;
    size_t count;
    bool hard_links; /* files with several names may be opened                                   */
    bool narrowed;   /* the client has roots, and `at` is what they leave                        */
    uint64_t call;   /* of a plugin, that has them; 0: none                                      */
};
