/*
 * node.h - a node that a query found, as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <libxml/tree.h>

#include "kit/bytes.h"

/* Appends {kind, name, namespace, path, line, xml | value}. False if memory is short. */
bool node_write(xmlNodePtr node, struct bytes *out);
