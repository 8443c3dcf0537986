/**
 * Networks: described ({@link convoy.engine.network.NetworkSpec}), compiled for a batch size
 * ({@link convoy.engine.network.Plan}), given memory ({@link convoy.engine.network.Workspace}) and
 * run ({@link convoy.engine.network.Network}).
 *
 * <p>Uses {@code kernel}, {@code tensor}, {@code layer}, {@code random} and {@code settings}. Start
 * at {@code NetworkSpec}, then {@code Plan}.
 */
package convoy.engine.network;
