/// From a jail spec to the ordered steps that make the jail.
package dev.warder.jail;
