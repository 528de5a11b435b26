/* The syntax of ids, versions and names in a manifest. */
#pragma once

#include "core/base/str.h"

/* [a-z0-9-]+(\.[a-z0-9-]+)+, at most 127 bytes. */
bool name_is_plugin_id(struct str text);

/* A semantic version of semver.org 2.0.0, at most 31 bytes. */
bool name_is_version(struct str text);

/* A plugin id, '/', and a revision from 1 without leading zeros. */
bool name_is_interface(struct str text);

/* 1 to 64 of A-Z a-z 0-9 _ . - */
bool name_is_tool(struct str text);

/* "sha256:" and 64 lower-case hexadecimal digits. */
bool name_is_digest(struct str text);
