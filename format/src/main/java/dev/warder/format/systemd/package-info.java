/// The call filters of systemd's unit files, drop-ins and `.nspawn` files.
package dev.warder.format.systemd;
