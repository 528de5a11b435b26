/*
 * The store of hexmcp as typed ports, over the plugin that keeps it (ports/driven/plugin_store.h).
 *
 * Which plugin: the scheme of the setting storage.url names it, "sqlite:" is hexmcp.storage-sqlite. It
 * is loaded when something is first stored or looked for.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/driven/blob_store.h"
#include "ports/driven/event_store.h"
#include "ports/driven/key_value_store.h"
#include "ports/driven/plugin_store.h"
#include "ports/driven/search_index.h"
#include "ports/driven/secret_store.h"
#include "ports/driven/store_dump.h"
#include "ports/driven/timer.h"

struct storage;

/* Store and timers outlive it. */
int storage_new(const struct plugin_store *store, const struct timer_port *timers,
                struct storage **out, struct error *err);

/* After the plugin has stopped: nothing is under way. NULL is allowed. */
void storage_free(struct storage *storage);

/* They live as long as the storage. */
const struct event_store *storage_events(struct storage *storage);
const struct key_value_store *storage_values(struct storage *storage);
const struct blob_store *storage_blobs(struct storage *storage);
const struct search_index *storage_search(struct storage *storage);
const struct store_dump *storage_dump(struct storage *storage);

/* Appends the id of the plugin for the URL, and a NUL. ST_CONFIG. */
int storage_plugin_id(struct str url, struct buffer *out, struct error *err);

/* Appends the settings for the plugin: {"url": with the values of secrets, "folder", and the members of
 * `more`, a JSON object or empty}. A value is percent-encoded in the place of its handle,
 * {{secret:NAME}}. `out` holds values of secrets then: buffer_wipe. The errors of
 * secret_store_port.fill(). */
int storage_settings(struct str url, struct str folder, struct str more,
                     const struct secret_store_port *secrets, struct buffer *out,
                     struct error *err);
