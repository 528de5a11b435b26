/*
 * Opens files beneath granted folders.
 *
 * The path is cleaned as text, matched with a granted folder, and what remains is resolved by the
 * kernel beneath that folder (openat2, RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS), so that no link
 * that somebody changes meanwhile leads out. What a path names is looked at before it is opened
 * (O_PATH), and that the same thing was opened afterwards: a device or pipe is never opened.
 *
 * Needs Linux 5.6. Without state: every function is [any].
 */
#pragma once

#include "ports/driven/files.h"

const struct files_port *files_port(void);
