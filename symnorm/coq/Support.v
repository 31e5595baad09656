(* What the statements and proofs of claims stand on: finite sums of any length, the delta, the sign.
   Nothing is assumed here beyond the real numbers of Coq's standard library. *)
Require Export Reals Lra Lia.
Local Open Scope R_scope.

(* Sums ------------------------------------------------------------------------------------------------------------ *)

(* Sg m f = f 0 + ... + f (m - 1): an axis of size m has the positions 0, ..., m - 1. *)
Fixpoint Sg (m : nat) (f : nat -> R) {struct m} : R :=
  match m with O => 0 | S k => Sg k f + f k end.

Lemma Sg_ext : forall m f g, (forall i, (i < m)%nat -> f i = g i) -> Sg m f = Sg m g.
Proof.
  induction m; intros f g H; simpl; [reflexivity | rewrite (IHm f g), (H m); auto with arith].
Qed.

Lemma Sg_zero : forall m, Sg m (fun _ => 0) = 0.
Proof. induction m; simpl; [ | rewrite IHm]; ring. Qed.

Lemma Sg_const : forall m c, Sg m (fun _ => c) = INR m * c.
Proof. induction m; intros; [simpl | rewrite S_INR; simpl; rewrite IHm]; ring. Qed.

Lemma Sg_cons : forall m q f g a b, Sg m f = a -> Sg m g = b -> Sg m (fun i => q * f i + g i) = q * a + b.
Proof.
  intros m q f g a b <- <-. induction m; simpl; [ | rewrite IHm]; ring.
Qed.

Lemma Sg_add : forall m f g, Sg m (fun i => f i + g i) = Sg m (fun i => f i) + Sg m (fun i => g i).
Proof. induction m; intros; simpl; [ | rewrite IHm]; ring. Qed.

Lemma Sg_mul : forall m f c, Sg m (fun i => f i * c) = Sg m (fun i => f i) * c.
Proof. induction m; intros; simpl; [ | rewrite IHm]; ring. Qed.

Lemma Sg_swap : forall m n f, Sg m (fun i => Sg n (fun j => f i j)) = Sg n (fun j => Sg m (fun i => f i j)).
Proof.
  induction m; intros; simpl; [symmetry; apply Sg_zero | rewrite IHm, <- Sg_add; reflexivity].
Qed.

(* A factor that is a sum goes to the front, and the rest of its product under it. *)
Lemma Sg_out : forall m f r l g,
  l = Sg m f * r -> (forall i, (i < m)%nat -> f i * r = g i) -> l = Sg m g.
Proof.
  intros m f r l g -> H. transitivity (Sg m (fun i => f i * r)); [symmetry; exact (Sg_mul m f r) | now apply Sg_ext].
Qed.

Lemma Sg_nonneg : forall m f, (forall i, (i < m)%nat -> 0 <= f i) -> 0 <= Sg m f.
Proof.
  induction m; intros f H; simpl; [lra | ].
  specialize (IHm f (fun i Hi => H i (Nat.lt_lt_succ_r _ _ Hi))). specialize (H m (Nat.lt_succ_diag_r m)). lra.
Qed.

Lemma Sg_pos : forall m f, (1 <= m)%nat -> (forall i, (i < m)%nat -> 0 < f i) -> 0 < Sg m f.
Proof.
  intros [ | m] f Hm H; [lia | simpl].
  assert (0 <= Sg m f) by (apply Sg_nonneg; intros i Hi; apply Rlt_le, H; lia).
  specialize (H m (Nat.lt_succ_diag_r m)). lra.
Qed.

Lemma INR_pos : forall m, (1 <= m)%nat -> 0 < INR m.
Proof. intros. apply lt_0_INR. lia. Qed.

Lemma INR_nonzero : forall m, (1 <= m)%nat -> INR m <> 0.
Proof. intros. apply not_0_INR. lia. Qed.

(* The delta ------------------------------------------------------------------------------------------------------- *)

Definition dl (i j : nat) : R := if Nat.eqb i j then 1 else 0.

Lemma dl_same : forall i, dl i i = 1.
Proof. intro. unfold dl. now rewrite Nat.eqb_refl. Qed.

Lemma dl_sym : forall i j, dl i j = dl j i.
Proof. intros. unfold dl. now rewrite Nat.eqb_sym. Qed.

Lemma dl_square : forall i j, dl i j * dl i j = dl i j.
Proof. intros. unfold dl. destruct (Nat.eqb i j); ring. Qed.

Lemma Sg_miss : forall m g j, (m <= j)%nat -> Sg m (fun i => dl i j * g i) = 0.
Proof.
  induction m; intros g j H; simpl; [reflexivity | ].
  rewrite IHm by lia. unfold dl. replace (Nat.eqb m j) with false; [ring | ].
  symmetry. apply Nat.eqb_neq. lia.
Qed.

Lemma Sg_dl : forall m f g j, (j < m)%nat -> (forall i, (i < m)%nat -> f i = dl i j * g i) -> Sg m f = g j.
Proof.
  intros m f g j Hj H. rewrite (Sg_ext _ _ _ H). clear f H. induction m; [lia | simpl].
  destruct (Nat.eq_dec m j) as [-> | ].
  - rewrite Sg_miss by lia. rewrite dl_same. ring.
  - rewrite IHm by lia. unfold dl. replace (Nat.eqb m j) with false; [ring | ].
    symmetry. now apply Nat.eqb_neq.
Qed.

Lemma dl_move : forall i j f, dl i j * f i = dl i j * f j.
Proof.
  intros. unfold dl. destruct (Nat.eqb i j) eqn:E; [apply Nat.eqb_eq in E; subst; ring | ring].
Qed.

(* Roots, absolute values and signs -------------------------------------------------------------------------------- *)

Lemma sqrt_square_is : forall p, 0 <= p -> sqrt p * sqrt p = p.
Proof. exact sqrt_sqrt. Qed.

Lemma sqrt_is : forall p s, 0 <= s -> s * s = p -> sqrt p = s.
Proof. intros p s Hs <-. now apply sqrt_square. Qed.

Lemma sqrt_nonzero : forall p, 0 < p -> sqrt p <> 0.
Proof. intros p H. apply Rgt_not_eq. now apply sqrt_lt_R0. Qed.

Definition sgn (x : R) : R := if Rlt_dec x 0 then -1 else if Rlt_dec 0 x then 1 else 0.

Lemma sgn_pos : forall x, 0 < x -> sgn x = 1.
Proof. intros. unfold sgn. destruct (Rlt_dec x 0); [lra | ]. destruct (Rlt_dec 0 x); lra. Qed.

Lemma sgn_neg : forall x, x < 0 -> sgn x = -1.
Proof. intros. unfold sgn. destruct (Rlt_dec x 0); lra. Qed.

Lemma sgn_zero : sgn 0 = 0.
Proof. unfold sgn. destruct (Rlt_dec 0 0); lra. Qed.

Lemma sgn_cases : forall x, x < 0 /\ sgn x = -1 \/ x = 0 /\ sgn x = 0 \/ 0 < x /\ sgn x = 1.
Proof.
  intro x. destruct (Rtotal_order x 0) as [H | [H | H]].
  - left. split; [ | apply sgn_neg]; assumption.
  - right. left. subst. split; [ | apply sgn_zero]; reflexivity.
  - right. right. split; [ | apply sgn_pos]; assumption.
Qed.

Lemma sgn_mul : forall x y, sgn (x * y) = sgn x * sgn y.
Proof.
  intros. destruct (sgn_cases x) as [[Hx ->] | [[-> ->] | [Hx ->]]];
  destruct (sgn_cases y) as [[Hy ->] | [[-> ->] | [Hy ->]]];
  rewrite ?Rmult_0_l, ?Rmult_0_r, ?sgn_zero; try ring.
  - rewrite sgn_pos; nra.
  - rewrite sgn_neg; nra.
  - rewrite sgn_neg; nra.
  - rewrite sgn_pos; nra.
Qed.

Lemma sgn_square : forall x, x <> 0 -> sgn x * sgn x = 1.
Proof. intros x H. destruct (sgn_cases x) as [[Hx ->] | [[-> _] | [Hx ->]]]; lra. Qed.

Lemma sgn_cube : forall x, sgn x * sgn x * sgn x = sgn x.
Proof. intros x. destruct (sgn_cases x) as [[Hx ->] | [[-> ->] | [Hx ->]]]; lra. Qed.

Lemma sgn_square_self : forall x, sgn x * sgn x * x = x.
Proof. intros x. destruct (sgn_cases x) as [[Hx ->] | [[-> ->] | [Hx ->]]]; lra. Qed.

Lemma Rabs_sgn : forall x, Rabs x = sgn x * x.
Proof.
  intro x. destruct (sgn_cases x) as [[H ->] | [[-> ->] | [H ->]]].
  - rewrite Rabs_left; lra.
  - rewrite Rabs_R0. ring.
  - rewrite Rabs_right; lra.
Qed.

Lemma Rmax_abs : forall a b, Rmax a b = (a + b + Rabs (a - b)) / 2.
Proof.
  intros. unfold Rmax. destruct (Rle_dec a b); [rewrite Rabs_left1 | rewrite Rabs_right]; lra.
Qed.

Lemma Rmin_abs : forall a b, Rmin a b = (a + b - Rabs (a - b)) / 2.
Proof.
  intros. unfold Rmin. destruct (Rle_dec a b); [rewrite Rabs_left1 | rewrite Rabs_right]; lra.
Qed.

(* How a proof goes on --------------------------------------------------------------------------------------------- *)

(* One more step of rewriting: t = p, c times over. *)
Lemma by_gap : forall a b c t p, t = p -> a - b = c * (t - p) -> a = b.
Proof. intros a b c t p -> H. lra. Qed.

Lemma from_gap : forall a b c g, g = 0 -> a - b = c * g -> a = b.
Proof. intros a b c g -> H. lra. Qed.

Ltac under := repeat (apply Sg_ext; intros ? ?; cbv beta).
