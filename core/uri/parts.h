/* A URI or a reference to one, cut into its parts (RFC 3986, section 3). Nothing is checked. */
#pragma once

#include "core/base/str.h"

/* Slices of the text that follow each other without gaps; empty if the part is not there. */
struct uri_parts {
    struct str scheme; /* with ':' */
    struct str authority; /* with "//" */
    struct str path;
    struct str query; /* with '?' */
    struct str fragment; /* with '#' */
};

struct uri_parts uri_parts(struct str text);
