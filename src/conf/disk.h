/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_DISK_H
#define TG_CONF_DISK_H

#include "conf/files.h"
#include "conf/prompts_build.h"

/**
 * Configuration files of one folder. Only regular files inside of it (links are followed, but not out of
 * it) are read, and none that everybody may write.
 */
struct conf_disk {
	char *folder; /* absolute, without links */
};

enum { CONF_FILE_MAX_BYTES = 16 << 20 };

/** @return false if there is no such folder; errno says why */
TG_MUST_USE bool conf_disk_open(struct conf_disk *disk, const char *folder);
void conf_disk_close(struct conf_disk *disk);

/** For conf_load(); lent until conf_disk_close(). */
struct conf_files conf_disk_files(struct conf_disk *disk);

/** All files of a folder of sounds, and of the folders in it. */
struct conf_sound_folder;

/** @return NULL if it cannot be opened; errno says why */
struct conf_sound_folder *conf_sound_folder_open(const char *folder);
void conf_sound_folder_close(struct conf_sound_folder *sounds);

/** For conf_prompts_build(); lent until it is closed. */
struct conf_sounds conf_sound_folder_files(struct conf_sound_folder *sounds);

#endif
